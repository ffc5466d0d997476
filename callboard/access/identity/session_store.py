"""Reads and writes browser sessions. It knows hashes of secrets, never the secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.identity.tables import sessions
from callboard.core.database import Database


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. `profile` is what the provider told (JSON, hence Any).

    Times are seconds since 1970; `last_seen` is exact to a minute. `expires` is the end however much the
    session is used.
    """

    id: str
    user_ref: str
    provider: str
    profile: Mapping[str, Any] = field(repr=False)
    created: float
    last_seen: float
    expires: float
    user_agent: str
    ip: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session with the hashes of its secrets: the present one, and the one `before` it.

    `before_until` is None until the present secret was used.
    """

    session: Session
    secret: str = field(repr=False)
    before: str | None = field(repr=False)
    before_until: float | None
    rotated: float


class SessionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session, secret: str) -> None:
        row = {
            name: getattr(session, name) for name in Session.__slots__ if name != "profile"
        }  # __slots__ of a dataclass are its fields
        row |= {"profile": orjson.dumps(dict(session.profile)).decode()}
        row |= {"secret": secret, "rotated": session.created}

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(sessions.insert().values(row))

        await self._database.write(work)

    async def read(self, session_id: str) -> StoredSession | None:
        async with self._database.read() as rows:
            found = (
                (await rows.execute(select(sessions).where(sessions.c.id == session_id)))
                .mappings()
                .one_or_none()
            )
        return _stored(dict(found)) if found else None

    async def of(self, user_ref: str) -> list[Session]:
        """The user's sessions, the one used last first."""
        query = select(sessions).where(sessions.c.user_ref == user_ref).order_by(sessions.c.last_seen.desc())
        async with self._database.read() as rows:
            return [_stored(dict(row)).session for row in (await rows.execute(query)).mappings()]

    async def change(self, session_id: str, present: str, **values: Any) -> bool:
        """Change columns (hence Any) if the secret still is the `present` one; whether it was."""
        statement = (
            update(sessions).where(sessions.c.id == session_id, sessions.c.secret == present).values(values)
        )

        async def work(rows: AsyncConnection) -> bool:
            return (await rows.execute(statement)).rowcount == 1

        return await self._database.write(work)

    async def delete(self, session_id: str, user_ref: str | None = None) -> bool:
        """Whether there was such a session (of this user)."""
        statement = delete(sessions).where(sessions.c.id == session_id)
        if user_ref is not None:
            statement = statement.where(sessions.c.user_ref == user_ref)

        async def work(rows: AsyncConnection) -> bool:
            return (await rows.execute(statement)).rowcount > 0

        return await self._database.write(work)

    async def delete_of(self, user_ref: str, keep: str | None) -> None:
        statement = delete(sessions).where(sessions.c.user_ref == user_ref)
        if keep is not None:
            statement = statement.where(sessions.c.id != keep)

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(statement)

        await self._database.write(work)

    async def delete_expired(self, now: float, idle_since: float) -> None:
        ended = (sessions.c.expires <= now) | (sessions.c.last_seen < idle_since)

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(delete(sessions).where(ended))

        async with self._database.read() as rows:  # a write would make others wait, for nothing mostly
            any_ended = (await rows.execute(select(sessions.c.id).where(ended).limit(1))).first()
        if any_ended:
            await self._database.write(work)


def _stored(row: Mapping[str, Any]) -> StoredSession:
    values = {name: row[name] for name in Session.__slots__ if name != "profile"}
    session = Session(**values, profile=orjson.loads(row["profile"]))
    return StoredSession(session, row["secret"], row["before"], row["before_until"], row["rotated"])
