"""The session cookie: `<session id>.<secret>.<signature>`, and the headers that set and clear it.

The signature lets made-up cookies be refused without asking the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from callboard.access.identity.key_store import KeyStore
from callboard.access.identity.settings import IdentitySettings
from callboard.core.database import Database

SESSION_COOKIE = "callboard-session"
LIMITED_COOKIE = "backstage-auth"

_VALUE = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})")


class CookieKey:
    """The key is that of `auth.session.secret`, else a random one in the database, for all nodes."""

    def __init__(self, database: Database, settings: IdentitySettings) -> None:
        self._store = KeyStore(database)
        self._given = settings.cookie_secret
        self._key = b""

    async def load(self) -> None:
        secret = self._given or await self._store.cookie_secret(secrets.token_urlsafe(32))
        self._key = hashlib.sha256(b"callboard session cookie " + secret.encode()).digest()

    def write(self, session_id: str, secret: str) -> str:
        return f"{session_id}.{secret}.{self._signature(session_id, secret)}"

    def read(self, value: str) -> tuple[str, str] | None:
        """Session id and secret; None when the cookie was not written here."""
        match = _VALUE.fullmatch(value)
        if match is None:
            return None
        session_id, secret, signature = match.groups()
        right = hmac.compare_digest(signature, self._signature(session_id, secret))
        return (session_id, secret) if right else None

    def _signature(self, session_id: str, secret: str) -> str:
        mac = hmac.digest(self._key, f"{session_id}.{secret}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def cookie_header(name: str, value: str, *, max_age: int, secure: bool, path: str = "/") -> str:
    """The value of a Set-Cookie header; `max_age` in seconds, 0 removes the cookie."""
    flags = "; Secure" if secure else ""
    return f"{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Lax{flags}"


def cookies_named(header: str, name: str) -> list[str]:
    """Every different value under a name. Browsers send several when another site of the domain set one."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return list(dict.fromkeys(value.strip('"') for key, _, value in pairs if key == name))
