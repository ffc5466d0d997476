"""Reads and adds signing keys in the database; nodes that do so at once take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.identity.tables import signing_keys
from callboard.core.database import Database

COOKIE = "cookie"
"""Stands as kid and algorithm of the one row that holds the secret session cookies are signed with."""
_FOR_EVER = 1e12
_LOCK = 7303014531  # only has to be the same on every node, and not that of another lock


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`private_key` is a JWK as JSON. Times are seconds since 1970."""

    kid: str
    algorithm: str
    private_key: str = field(repr=False)
    signs_from: float
    signs_until: float
    published_until: float


class KeyStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> list[StoredKey]:
        async with self._database.read() as rows:
            return await _keys(rows)

    async def renew(
        self, decide: Callable[[Sequence[StoredKey]], StoredKey | None], now: float
    ) -> list[StoredKey]:
        """Add the key that `decide` makes (or none) for those there are, drop outdated ones; all keys after.

        Only one node at a time decides, and it sees what others decided before.
        """

        async def work(rows: AsyncConnection) -> list[StoredKey]:
            if self._database.is_postgresql:
                await rows.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await rows.execute(delete(signing_keys).where(signing_keys.c.published_until < now))
            new = decide(await _keys(rows))
            if new is not None:
                row = {name: getattr(new, name) for name in StoredKey.__slots__}
                await rows.execute(signing_keys.insert().values(row))
            return await _keys(rows)

        return await self._database.write(work)

    async def cookie_secret(self, otherwise: str) -> str:
        """The secret that cookies of all nodes are signed with; the first node to come stores `otherwise`."""
        row = self._database.insert_for(signing_keys).values(
            kid=COOKIE,
            algorithm=COOKIE,
            private_key=otherwise,
            signs_from=0,
            signs_until=_FOR_EVER,
            published_until=_FOR_EVER,
        )
        query = select(signing_keys.c.private_key).where(signing_keys.c.kid == COOKIE)

        async def work(rows: AsyncConnection) -> str:
            await rows.execute(row.on_conflict_do_nothing())
            return str((await rows.execute(query)).scalar_one())

        return await self._database.write(work)


async def _keys(rows: AsyncConnection) -> list[StoredKey]:
    query = select(signing_keys).where(signing_keys.c.algorithm != COOKIE).order_by(signing_keys.c.signs_from)
    return [StoredKey(**row) for row in (await rows.execute(query)).mappings()]
