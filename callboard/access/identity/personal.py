"""Personal access tokens: `cbp_<id>_<secret>`, made by a user for scripts, shown once, stored hashed.

Scopes: `read`, `write` (everything), or the same for one plugin: `<plugin>:read`, `<plugin>:write`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.identity.bounded import Bounded
from callboard.access.identity.settings import IdentitySettings
from callboard.access.identity.tables import personal_tokens
from callboard.access.identity.tokens import illegal
from callboard.access.identity.users import FRESH, Users
from callboard.access.principals import Principal, Restriction
from callboard.core.database import Database
from callboard.core.errors import ConflictError, InputError

PREFIX = "cbp_"
MOST = 100
"""How many tokens a user may have."""
USED = 60.0
"""`last_used` is written at most this often, in seconds."""
KEPT = 30 * 86400.0
"""For how many seconds an expired token is still listed."""

_TOKEN = re.compile(r"cbp_([0-9a-f]{24})_([A-Za-z0-9_-]{43})")
_SCOPE = re.compile(r"(?:([a-z0-9]+(?:-[a-z0-9]+)*):)?(read|write)")


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """What may be shown of a token. Times are seconds since 1970; `last_used` is exact to a minute."""

    id: str
    user_ref: str
    name: str
    scopes: tuple[str, ...]
    created: float
    expires: float
    last_used: float | None


class PersonalTokens:
    def __init__(
        self, database: Database, users: Users, settings: IdentitySettings, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._users = users
        self._most_life = settings.personal_most
        self._clock = clock
        self._good: Bounded[str, tuple[PersonalToken, str, float]] = Bounded(5_000)

    async def create(
        self, user_ref: str, name: str, scopes: Sequence[str], expires_at: float
    ) -> tuple[PersonalToken, str]:
        """A new token, and the secret text that nobody sees again. `expires_at` in seconds since 1970.

        InputError for a bad name, scope or expiry, ConflictError when the user has too many tokens.
        """
        now, user_ref, name = self._clock(), user_ref.lower(), name.strip()
        if not 0 < len(name) <= 100 or not name.isprintable():
            raise InputError("name must be a line of 1 to 100 characters")
        wrong = next((one for one in scopes if not _SCOPE.fullmatch(one)), None)
        if not scopes or len(scopes) > 50 or wrong is not None:
            raise InputError("scopes must be a list of `read`, `write`, `<plugin>:read` or `<plugin>:write`")
        if not now < expires_at <= now + self._most_life:
            raise InputError(f"expiresAt must be within {self._most_life / 86400:g} days from now")
        secret = secrets.token_urlsafe(32)
        unique = tuple(dict.fromkeys(scopes))
        token = PersonalToken(secrets.token_hex(12), user_ref, name, unique, now, expires_at, None)
        row = {key: getattr(token, key) for key in PersonalToken.__slots__ if key != "scopes"}
        row |= {"scopes": orjson.dumps(unique).decode(), "secret": _hashed(secret)}
        of_user = select(func.count()).where(personal_tokens.c.user_ref == user_ref)

        async def work(rows: AsyncConnection) -> bool:
            if (await rows.execute(of_user)).scalar_one() >= MOST:
                return False
            await rows.execute(personal_tokens.insert().values(row))
            return True

        if not await self._database.write(work):
            raise ConflictError(f"You have {MOST} tokens: revoke one first")
        return token, f"{PREFIX}{token.id}_{secret}"

    async def of(self, user_ref: str) -> list[PersonalToken]:
        """The user's tokens, newest first, expired ones too for a while."""
        query = select(personal_tokens).where(personal_tokens.c.user_ref == user_ref)
        async with self._database.read() as rows:
            found = await rows.execute(query.order_by(personal_tokens.c.created.desc()))
            return [_token(row) for row in found.mappings()]

    async def revoke(self, token_id: str, *, of: str | None = None) -> bool:
        """Whether there was such a token (of this user). At once here, within `FRESH` on other nodes."""
        statement = delete(personal_tokens).where(personal_tokens.c.id == token_id)
        if of is not None:
            statement = statement.where(personal_tokens.c.user_ref == of)

        async def work(rows: AsyncConnection) -> bool:
            return (await rows.execute(statement)).rowcount > 0

        gone = await self._database.write(work)
        if gone:
            self._good.drop(token_id)
        return gone

    async def verify(self, text: str) -> Principal:
        """Who the token belongs to, restricted to its scopes; AuthenticationError when it is not good."""
        match = _TOKEN.fullmatch(text)
        if match is None:
            raise illegal()
        token_id, given = match[1], _hashed(match[2])
        now = self._clock()
        token, secret, until = self._good.get(token_id) or (None, "", 0.0)
        if token is None or now >= until:
            token, secret = await self._read(token_id, now)
        # Compared even where there is no such token, so that ids cannot be told apart by the time it takes.
        if not hmac.compare_digest(given, secret or _hashed("")) or token is None or token.expires <= now:
            raise illegal()
        if token.last_used is None or now - token.last_used >= USED:
            await self._note_use(token_id, now)
            self._good.drop(token_id)
        owns = await self._users.owns(token.user_ref)
        limits = restrictions_of(token.scopes)
        return Principal("user", token.user_ref, owns, restrictions=limits, means="personal")

    async def forget_expired(self) -> None:
        outdated = personal_tokens.c.expires < self._clock() - KEPT

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(delete(personal_tokens).where(outdated))

        async with self._database.read() as rows:
            some = (await rows.execute(select(personal_tokens.c.id).where(outdated).limit(1))).first()
        if some:
            await self._database.write(work)

    async def _read(self, token_id: str, now: float) -> tuple[PersonalToken | None, str]:
        query = select(personal_tokens).where(personal_tokens.c.id == token_id)
        async with self._database.read() as rows:
            row = (await rows.execute(query)).mappings().one_or_none()
        if row is None:
            return None, ""
        self._good.put(token_id, (_token(row), row["secret"], now + FRESH))
        return _token(row), row["secret"]

    async def _note_use(self, token_id: str, now: float) -> None:
        statement = update(personal_tokens).where(personal_tokens.c.id == token_id).values(last_used=now)

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(statement)

        await self._database.write(work)


def restrictions_of(scopes: Sequence[str]) -> tuple[Restriction, ...]:
    """What a token with these scopes may do: `read` is every permission whose action is to read."""
    found = []
    for scope in scopes:
        plugin, _, what = scope.rpartition(":")
        found.append(Restriction(plugin or "*", actions=("read",) if what == "read" else ()))
    return tuple(found)


def _token(row: Any) -> PersonalToken:
    """A row of the table (SQLAlchemy's RowMapping, whose values are Any)."""
    values = {key: row[key] for key in PersonalToken.__slots__ if key != "scopes"}
    return PersonalToken(**values, scopes=tuple(orjson.loads(row["scopes"])))


def _hashed(secret: str) -> str:
    """A hash without salt is enough: the secret is 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
