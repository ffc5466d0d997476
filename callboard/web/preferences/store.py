"""Reads and writes preferences, stars and visits. It knows owners, not who they are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Executable, delete, exists, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.database import Database
from callboard.core.migrations import Migrations
from callboard.web.preferences.tables import preferences, stars, visits

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_preferences")
VISITS_KEPT = 100
ME = "me"
"""The setting of who a visitor without a sign-in is."""


@dataclass(frozen=True, slots=True)
class Visit:
    """`last_at` is in seconds since 1970."""

    entity_ref: str
    count: int
    last_at: float


class PreferenceStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(MIGRATIONS)

    async def load(self, owner: str) -> tuple[dict[str, Any], list[str]]:
        """All settings of an owner (JSON, hence Any), and the starred refs, newest first."""
        settings = select(preferences.c.key, preferences.c.value).where(preferences.c.owner == owner)
        starred = select(stars.c.entity_ref).where(stars.c.owner == owner).order_by(stars.c.at.desc())
        async with self._database.read() as rows:
            values = {row.key: orjson.loads(row.value) for row in await rows.execute(settings)}
            return values, list((await rows.execute(starred)).scalars())

    async def take_over(self, former: str, owner: str) -> None:
        """Give everything of a former owner to another, who keeps what both have."""
        mine = preferences.alias()
        theirs = select(literal(owner), preferences.c.key, preferences.c.value).where(
            preferences.c.owner == former,
            preferences.c.key != ME,
            ~exists().where(mine.c.owner == owner, mine.c.key == preferences.c.key),
        )
        starred = select(literal(owner), stars.c.entity_ref, stars.c.at).where(stars.c.owner == former)
        seen = select(literal(owner), visits.c.entity_ref, visits.c.count, visits.c.last_at).where(
            visits.c.owner == former
        )
        statements: list[Executable] = []
        for table, query in ((preferences, theirs), (stars, starred), (visits, seen)):
            insert = self._database.insert_for(table).from_select([one.name for one in table.columns], query)
            statements += [insert.on_conflict_do_nothing(), delete(table).where(table.c.owner == former)]

        async def work(rows: AsyncConnection) -> None:
            for statement in statements:
                await rows.execute(statement)

        await self._database.write(work)

    async def set(self, owner: str, key: str, value: Any) -> None:
        insert = self._database.insert_for(preferences).values(
            owner=owner, key=key, value=orjson.dumps(value).decode()
        )
        row = insert.on_conflict_do_update(
            index_elements=["owner", "key"], set_={"value": insert.excluded.value}
        )

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row)

        await self._database.write(work)

    async def star(self, owner: str, entity_ref: str) -> None:
        row = self._database.insert_for(stars).values(owner=owner, entity_ref=entity_ref, at=time.time())

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row.on_conflict_do_nothing())

        await self._database.write(work)

    async def unstar(self, owner: str, entity_ref: str) -> None:
        async def work(rows: AsyncConnection) -> None:
            await rows.execute(delete(stars).where(stars.c.owner == owner, stars.c.entity_ref == entity_ref))

        await self._database.write(work)

    async def visited(self, owner: str, limit: int) -> list[Visit]:
        """The latest visits first."""
        columns = (visits.c.entity_ref, visits.c.count, visits.c.last_at)
        query = select(*columns).where(visits.c.owner == owner).order_by(visits.c.last_at.desc()).limit(limit)
        async with self._database.read() as rows:
            return [Visit(*row) for row in await rows.execute(query)]

    async def note_visit(self, owner: str, entity_ref: str) -> None:
        """Count a visit; of each owner only the newest `VISITS_KEPT` entities are remembered."""
        now = time.time()
        insert = self._database.insert_for(visits).values(
            owner=owner, entity_ref=entity_ref, count=1, last_at=now
        )
        row = insert.on_conflict_do_update(
            index_elements=["owner", "entity_ref"], set_={"count": visits.c.count + 1, "last_at": now}
        )
        newest = select(visits.c.last_at).where(visits.c.owner == owner).order_by(visits.c.last_at.desc())
        oldest_kept = newest.offset(VISITS_KEPT - 1).limit(1).scalar_subquery()

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row)
            await rows.execute(delete(visits).where(visits.c.owner == owner, visits.c.last_at < oldest_kept))

        await self._database.write(work)
