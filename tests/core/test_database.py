"""Migrations of several nodes at once, the schema as the code declares it, and transactions that retry."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

import callboard.catalog.store.tables
import callboard.core.feed  # noqa: F401 - declares its tables
from callboard.catalog.runtime import MIGRATIONS
from callboard.core.database import ATTEMPTS, Database, metadata


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def test_two_nodes_that_start_at_once_migrate_once(database: Database, other: Database) -> None:
    await asyncio.gather(
        database.migrate(MIGRATIONS), other.migrate(MIGRATIONS), database.migrate(MIGRATIONS)
    )
    async with database.read() as connection:
        counters = (await connection.execute(text("SELECT count(*) FROM feed_counter"))).scalar_one()
        versions = (await connection.execute(text("SELECT count(*) FROM alembic_version"))).scalar_one()
    assert (counters, versions) == (1, 1)


async def test_the_migrations_give_the_schema_that_the_code_declares(database: Database) -> None:
    await database.migrate(MIGRATIONS)

    def differences(connection: Any) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def create_two_rows(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("CREATE TABLE numbers (id INTEGER PRIMARY KEY, value INTEGER)"))
        await connection.execute(text("INSERT INTO numbers VALUES (1, 0), (2, 0)"))

    await database.write(work)


async def test_transactions_that_lock_each_other_out_both_happen(database: Database, other: Database) -> None:
    """On PostgreSQL a deadlock, which ends one of the two; on SQLite the second waits for the first."""
    await create_two_rows(database)

    def work(first: int, second: int) -> Any:
        async def both(connection: AsyncConnection) -> None:
            add = text("UPDATE numbers SET value = value + 1 WHERE id = :id")
            await connection.execute(add, {"id": first})
            await asyncio.sleep(0.2)
            await connection.execute(add, {"id": second})

        return both

    await asyncio.gather(database.write(work(1, 2)), other.write(work(2, 1)))
    async with database.read() as connection:
        rows = await connection.execute(text("SELECT value FROM numbers ORDER BY id"))
        assert list(rows.scalars()) == [2, 2]


def locked() -> DBAPIError:
    return DBAPIError("UPDATE", {}, sqlite3.OperationalError("database is locked"))


async def test_a_lock_failure_runs_the_whole_transaction_again(database: Database) -> None:
    await create_two_rows(database)
    runs = 0

    async def work(connection: AsyncConnection) -> int:
        nonlocal runs
        runs += 1
        await connection.execute(text("UPDATE numbers SET value = value + 1"))
        if runs < 3:
            raise locked()
        return runs

    assert await database.write(work) == 3
    async with database.read() as connection:
        rows = await connection.execute(text("SELECT value FROM numbers"))
        assert list(rows.scalars()) == [1, 1]


async def test_a_lock_that_never_goes_away_is_an_error_in_the_end(database: Database) -> None:
    runs = 0

    async def work(connection: AsyncConnection) -> None:
        nonlocal runs
        runs += 1
        raise locked()

    with pytest.raises(DBAPIError, match="locked"):
        await database.write(work)
    assert runs == ATTEMPTS


async def test_any_other_failure_is_not_retried(database: Database) -> None:
    runs = 0

    async def work(connection: AsyncConnection) -> None:
        nonlocal runs
        runs += 1
        await connection.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(DBAPIError):
        await database.write(work)
    assert runs == 1


async def test_only_the_first_of_several_nodes_is_alone(database: Database, other: Database) -> None:
    if not database.is_postgresql:
        pytest.skip("SQLite is for one process")
    async with database.presence(1) as first, other.presence(1) as second:
        assert (first, second) == (True, False)
    async with other.presence(1) as later:
        assert later
