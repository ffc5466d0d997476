"""Identity as the rest of Callboard uses it: keys, tokens, sessions, personal tokens, external access."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from starlette.requests import HTTPConnection

from callboard.access.identity import tables
from callboard.access.identity.cookies import SESSION_COOKIE, CookieKey
from callboard.access.identity.directory import Directory
from callboard.access.identity.external import ExternalAccess
from callboard.access.identity.keys import Keys
from callboard.access.identity.personal import PREFIX, PersonalTokens
from callboard.access.identity.sessions import Session, Sessions, facts_of
from callboard.access.identity.settings import read_identity_settings
from callboard.access.identity.tokens import MAX_TOKEN, Tokens, illegal
from callboard.access.identity.users import Users
from callboard.access.principals import Principal
from callboard.core.config import Config
from callboard.core.database import Database
from callboard.core.migrations import Migrations

MIGRATIONS = Migrations(Path(tables.__file__).parent / "migrations", "alembic_version_identity")
HOUSEKEEPING = 30.0  # seconds

_log = structlog.get_logger(__name__)


class Identity:
    """Opened with `start`, closed with `stop`. ConfigError names every mistake in what it reads.

    `directory` gives the ownership of users live; without one, what was stored at sign-in counts. `clock`
    is in seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        config: Config,
        directory: Directory | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.database = database
        self.settings = read_identity_settings(config)
        self.directory = directory
        self.clock = clock
        self.keys = Keys(database, self.settings, clock)
        self.cookie_key = CookieKey(database, self.settings)
        self.users = Users(database, directory, clock)
        self.tokens = Tokens(self.keys, self.users, self.settings, clock)
        self.sessions = Sessions(database, self.cookie_key, self.users, self.settings, clock)
        self.personal = PersonalTokens(database, self.users, self.settings, clock)
        self.external = ExternalAccess(self.settings.external, clock)
        self._work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring the tables to their newest form, read the keys, and begin to rotate and tidy."""
        await self.database.migrate(MIGRATIONS)
        await self.cookie_key.load()
        await self.keys.refresh()
        self._work = asyncio.create_task(self._keep_house())

    async def stop(self) -> None:
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
            self._work = None
        await self.external.close()

    async def authenticate(
        self, token: str, *, plugin: str | None = None, limited: bool = False
    ) -> Principal:
        """Who a bearer token belongs to; AuthenticationError, always with the same words, when nobody.

        `plugin` is the plugin that was called, which tokens between plugins are made for. `limited` says
        whether limited user tokens will do.
        """
        if not token or len(token) > MAX_TOKEN:
            raise illegal()
        if token.startswith(PREFIX):
            return await self.personal.verify(token)
        if self.tokens.is_own(token):
            return await self.tokens.verify(token, plugin=plugin, limited=limited)
        return await self.external.verify(token)

    async def backstage_identity(
        self, user_ref: str, owns: Sequence[str], *, live: bool = True
    ) -> dict[str, Any]:
        """What Backstage calls `backstageIdentity`: {token, expiresInSeconds, identity: {type: 'user',
        userEntityRef, ownershipEntityRefs}} (JSON, hence Any)."""
        user_ref = user_ref.lower()
        token, expires_in = await self.tokens.issue_user_token(user_ref, owns, live=live)
        identity = {
            "type": "user",
            "userEntityRef": user_ref,
            "ownershipEntityRefs": list(await self.users.owns(user_ref)),
        }
        return {"token": token, "expiresInSeconds": expires_in, "identity": identity}

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING)
            try:
                await self.keys.refresh()
                await self.sessions.forget_expired()
                await self.personal.forget_expired()
            except Exception:  # a database that is away for a while must not end the rotation of keys
                _log.exception("signing keys and sessions could not be looked after; it is tried again")


async def signed_in(  # noqa: PLR0917 - agreed with those who call it
    identity: Identity,
    request: HTTPConnection,
    user_ref: str,
    owns: Sequence[str],
    profile: Mapping[str, Any],
    provider: str,
    *,
    live: bool = True,
) -> tuple[Session, str]:
    """Begin a session after a successful sign-in: the session, and the value of the Set-Cookie header.

    The session is always a new one, and the one this browser had before is revoked, so nobody can plant a
    session. `profile` is what the provider told ({email?, displayName?, picture?}; JSON, hence Any). `live`
    is False where the operator chose the ownership (a guest's `ownershipEntityRefs`): then the catalog
    does not replace it.
    """
    before = request.cookies.get(SESSION_COOKIE)
    facts = facts_of(request)
    session, value = await identity.sessions.create(
        user_ref, owns, profile=profile, provider=provider, facts=facts, live=live
    )
    if before:
        await identity.sessions.revoke_cookie(before)
    return session, identity.sessions.set_cookie(value, request)
