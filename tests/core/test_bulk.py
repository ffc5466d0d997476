from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.bulk import PARAMETERS, insert_rows
from callboard.core.database import Database

NUMBER = 1_764_249_534.123_456_7  # no decimal notation of fewer digits is equal to it
things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False, unique=True),
    Column("at", Float),
    Column("note", String),
    Column("kind", String, default="made up"),
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(things.metadata.create_all)
    yield opened
    await opened.close()


def rows(count: int, note: str | None = None) -> list[dict[str, object]]:
    return [
        {"name": f"{number} 'it''s' ? :x %s", "at": NUMBER + number, "note": note, "kind": "given"}
        for number in range(count)
    ]


async def insert(database: Database, given: list[dict[str, object]], *, upsert: bool = False) -> None:
    async def work(connection: AsyncConnection) -> None:
        statement = database.insert_for(things)
        if upsert:
            statement = statement.on_conflict_do_update(
                index_elements=["name"], set_={"note": statement.excluded.note}
            )
        await insert_rows(connection, statement, given)

    await database.write(work)


async def stored(database: Database) -> list[dict[str, object]]:
    async with database.read() as connection:
        found = await connection.execute(
            select(things.c.name, things.c.at, things.c.note, things.c.kind).order_by(things.c.id)
        )
        return [dict(row) for row in found.mappings()]


@pytest.mark.parametrize("count", [0, 1, PARAMETERS // 4, PARAMETERS // 4 + 1, 3 * PARAMETERS])
async def test_every_row_is_stored_as_it_is_in_its_order(database: Database, count: int) -> None:
    given = rows(count)
    await insert(database, given)
    assert await stored(database) == given


async def test_rows_that_are_there_are_updated(database: Database) -> None:
    await insert(database, rows(PARAMETERS))
    await insert(database, rows(PARAMETERS + 1, "new"), upsert=True)
    assert await stored(database) == rows(PARAMETERS + 1, "new")


async def test_a_default_that_sqlite_would_not_be_given_is_missed(tmp_path: Path) -> None:
    """SQLAlchemy makes the defaults of a table row by row, and SQLite's rows go around it."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'things.sqlite'}")
    with pytest.raises(ValueError, match="kind"):
        await insert(database, [{"name": "one", "at": None, "note": None}])
    await database.close()
