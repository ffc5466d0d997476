"""Browser sessions: begun at sign-in, carried by a signed cookie, rotated while used, ended or revoked.

The secret in the cookie is replaced after some use (`auth.session.rotateAfter`). The old one is accepted for
`auth.session.grace` after the new one was first used, because requests run in parallel and an answer may not
have arrived. Whoever brings an older one has a copy of the cookie: the session is revoked.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.requests import HTTPConnection

from callboard.access.identity.bounded import Bounded
from callboard.access.identity.cookies import SESSION_COOKIE, CookieKey, cookie_header
from callboard.access.identity.session_store import Session, SessionStore, StoredSession
from callboard.access.identity.settings import IdentitySettings
from callboard.access.identity.users import FRESH, Users
from callboard.access.principals import Principal
from callboard.core.database import Database

__all__ = ["Facts", "Resumed", "Session", "Sessions", "facts_of"]

SEEN = 60.0
"""`last_seen` is written at most this often, in seconds."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a session was begun, to show it to its user."""

    user_agent: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session that a cookie led to. `cookie` is the value the browser must have from now on, if another."""

    session: Session
    cookie: str | None = None


def facts_of(request: HTTPConnection) -> Facts:
    agent = "".join(one for one in request.headers.get("user-agent", "") if one.isprintable())
    return Facts(agent[:300], (request.client.host if request.client else "")[:64])


class Sessions:
    def __init__(
        self,
        database: Database,
        key: CookieKey,
        users: Users,
        settings: IdentitySettings,
        clock: Callable[[], float],
    ) -> None:
        self._store = SessionStore(database)
        self._key = key
        self._users = users
        self._settings = settings
        self._clock = clock
        self._good: Bounded[str, tuple[Session, float]] = Bounded(10_000)  # by cookie; with until when

    async def create(
        self,
        user_ref: str,
        owns: Sequence[str],
        *,
        profile: Mapping[str, Any],
        provider: str,
        facts: Facts,
        live: bool = True,
    ) -> tuple[Session, str]:
        """Begin a session; the session and the value of its cookie. `live` as in `signed_in`."""
        user_ref = user_ref.lower()
        await self._users.remember(user_ref, owns, live=live)
        now, secret = self._clock(), _new_secret()
        session = Session(
            id=secrets.token_urlsafe(16),
            user_ref=user_ref,
            provider=provider,
            profile=profile,
            created=now,
            last_seen=now,
            expires=now + self._settings.session_absolute,
            user_agent=facts.user_agent,
            ip=facts.ip,
        )
        await self._store.add(session, _hashed(secret))
        return session, self._key.write(session.id, secret)

    async def resume(self, cookie: str) -> Resumed | None:
        """The session of a cookie; None for one that is made up, expired, revoked or copied."""
        now = self._clock()
        good = self._good.get(cookie)
        if good is not None and now < good[1]:
            return Resumed(good[0])
        self._good.drop(cookie)
        parts = self._key.read(cookie)
        stored = await self._store.read(parts[0]) if parts else None
        if parts is None or stored is None:
            return None
        if stored.session.expires <= now or stored.session.last_seen + self._settings.session_idle < now:
            await self.revoke(stored.session.id)
            return None
        resumed, until = await self._use(stored, _hashed(parts[1]), now)
        if resumed is not None and resumed.cookie is None:
            self._good.put(cookie, (resumed.session, min(until, stored.session.expires)))
        return resumed

    async def principal(self, session: Session) -> Principal:
        owns = await self._users.owns(session.user_ref)
        return Principal("user", session.user_ref, owns, means="session", session=session.id)

    async def read(self, session_id: str) -> Session | None:
        """The session of this id, such as that of a principal."""
        stored = await self._store.read(session_id)
        return stored.session if stored else None

    async def of(self, user_ref: str) -> list[Session]:
        """The user's sessions, the one used last first."""
        ended = self._clock() - self._settings.session_idle
        found = await self._store.of(user_ref)
        return [one for one in found if one.expires > self._clock() and one.last_seen >= ended]

    async def revoke(self, session_id: str, *, of: str | None = None) -> bool:
        """End a session (only if it is `of` this user): at once here, within `users.FRESH` on other nodes."""
        gone = await self._store.delete(session_id, of)
        if gone:
            self._good.drop_where(lambda good: good[0].id == session_id)
        return gone

    async def revoke_cookie(self, cookie: str) -> bool:
        """End the session that a cookie belongs to, as at sign-out."""
        parts = self._key.read(cookie)
        return parts is not None and await self.revoke(parts[0])

    async def revoke_all(self, user_ref: str, *, keep: str | None = None) -> None:
        """End the user's sessions (but `keep`) and refuse every token issued to the user until now."""
        user_ref = user_ref.lower()
        await self._store.delete_of(user_ref, keep)
        await self._users.refuse_older(user_ref)
        self._good.drop_where(lambda good: good[0].user_ref == user_ref and good[0].id != keep)

    async def forget_expired(self) -> None:
        now = self._clock()
        await self._store.delete_expired(now, now - self._settings.session_idle)

    def set_cookie(self, value: str, request: HTTPConnection) -> str:
        """The Set-Cookie header that gives a browser its session."""
        age = int(self._settings.session_absolute)
        return cookie_header(SESSION_COOKIE, value, max_age=age, secure=self._secure(request))

    def clear_cookie(self, request: HTTPConnection) -> str:
        """The Set-Cookie header that takes it away."""
        return cookie_header(SESSION_COOKIE, "", max_age=0, secure=self._secure(request))

    def _secure(self, request: HTTPConnection) -> bool:
        return self._settings.secure or request.url.scheme in ("https", "wss")

    async def _use(self, stored: StoredSession, given: str, now: float) -> tuple[Resumed | None, float]:
        """What the secret (hashed) of a cookie leads to, and how long that may be remembered."""
        session, grace = stored.session, self._settings.session_grace
        fresh = now + FRESH
        if hmac.compare_digest(given, stored.secret):
            if now - stored.rotated >= self._settings.session_rotate:
                return await self._rotate(stored, given, now), fresh
            changes: dict[str, Any] = {}
            if stored.before is not None and stored.before_until is None:
                changes["before_until"] = now + grace
            if now - session.last_seen >= SEEN:
                changes["last_seen"] = now
            if changes:
                await self._store.change(session.id, stored.secret, **changes)
            return Resumed(session), fresh
        if stored.before is not None and hmac.compare_digest(given, stored.before):
            if stored.before_until is not None and now <= stored.before_until:
                return Resumed(session), min(fresh, stored.before_until)
            if stored.before_until is None and now - stored.rotated <= grace:
                return Resumed(session), min(fresh, stored.rotated + grace)
            if stored.before_until is None:
                # The browser never used the new secret: its answer was lost, so it gets another.
                return await self._rotate(stored, given, now), fresh
        _log.warning("an old session cookie was used again; the session is revoked", user=session.user_ref)
        await self.revoke(session.id)
        return None, now

    async def _rotate(self, stored: StoredSession, given: str, now: float) -> Resumed:
        secret = _new_secret()
        changed = await self._store.change(
            stored.session.id,
            stored.secret,
            secret=_hashed(secret),
            before=given,
            before_until=None,
            rotated=now,
            last_seen=now,
        )
        # Another request rotated in between: this one goes on with the secret that is the old one now.
        return Resumed(stored.session, self._key.write(stored.session.id, secret) if changed else None)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _hashed(secret: str) -> str:
    """A hash without salt is enough: the secret is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
