"""Sign-ins that have begun: each belongs to one browser, is good once, and only for ten minutes.

The database holds hashes alone. The nonce and the PKCE verifier are derived from the secret in the browser's
cookie, so that neither the database nor the address that a provider sees is enough to finish a sign-in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.signin.tables import pending
from callboard.core.database import Database
from callboard.core.migrations import Migrations

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_signin")
LIFE = 600
"""Seconds."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

Flow = Literal["popup", "redirect"]


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one sign-in: `state` goes through the provider, `browser` stays in a cookie."""

    state: str
    browser: str

    def __repr__(self) -> str:
        return "Keys(…)"

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """PKCE's code verifier: 43 characters."""
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        mac = hmac.digest(self.browser.encode(), f"{purpose}:{self.state}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Begun:
    """What was asked for when the sign-in began; `origin` and `way_back` have been checked."""

    provider: str
    flow: Flow
    origin: str
    way_back: str


def new_keys() -> Keys:
    return Keys(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def cookie_name(state: str, *, secure: bool) -> str:
    """One cookie for each sign-in, so that two tabs do not disturb each other.

    With TLS its name makes browsers refuse it from other hosts of the same domain.
    """
    prefix = "__Host-" if secure else ""
    return f"{prefix}callboard-signin-{_hash(state)[:16]}"


class PendingStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(MIGRATIONS)

    async def begin(self, begun: Begun, keys: Keys) -> None:
        """Remember a sign-in, and forget those whose time is over."""
        now = time.time()
        row = pending.insert().values(
            state_hash=_hash(keys.state),
            browser_hash=_hash(keys.browser),
            provider=begun.provider,
            flow=begun.flow,
            origin=begun.origin,
            way_back=begun.way_back,
            expires_at=now + LIFE,
        )

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(delete(pending).where(pending.c.expires_at < now))
            await rows.execute(row)

        await self._database.write(work)

    async def take(self, provider: str, keys: Keys) -> Begun | None:
        """The sign-in of this state, browser and provider, which can be taken once; None for no such one."""
        if not (_TOKEN.fullmatch(keys.state) and _TOKEN.fullmatch(keys.browser)):
            return None
        # One statement, so that of two requests at the same time one finds nothing.
        taking = (
            delete(pending)
            .where(
                pending.c.state_hash == _hash(keys.state),
                pending.c.browser_hash == _hash(keys.browser),
                pending.c.provider == provider,
                pending.c.expires_at >= time.time(),
            )
            .returning(pending.c.provider, pending.c.flow, pending.c.origin, pending.c.way_back)
        )

        async def work(rows: AsyncConnection) -> Begun | None:
            row = (await rows.execute(taking)).first()
            return None if row is None else Begun(*row)

        return await self._database.write(work)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
