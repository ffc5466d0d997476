from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select

from callboard.core.among import among
from callboard.core.database import Database

NAMES = ["a", "B", "it's", '"', "\\", "{x,y}", "NULL", "", "ü", "a,b"]
names = Table("names", MetaData(), Column("name", String, primary_key=True))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(names.metadata.create_all)
        await connection.execute(insert(names), [{"name": name} for name in NAMES])
    yield opened
    await opened.close()


async def found(database: Database, values: list[str]) -> set[str]:
    async with database.read() as connection:
        query = select(names.c.name).where(among(connection, names.c.name, values))
        return set(await connection.scalars(query))


@pytest.mark.parametrize("name", NAMES)
async def test_exactly_the_value_is_found_whatever_it_holds(database: Database, name: str) -> None:
    assert await found(database, [name, "not there"]) == {name}


async def test_nothing_is_among_nothing(database: Database) -> None:
    assert await found(database, []) == set()


async def test_more_values_than_a_statement_has_parameters_are_one(database: Database) -> None:
    many = [f"name {number}" for number in range(100_000)]
    assert await found(database, [*many, *NAMES]) == set(NAMES)
