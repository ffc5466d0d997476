"""One SQLite or PostgreSQL database: connections, transactions that retry, and migrations under a lock.

Not for queries: those live in the `store` modules of the features.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import MetaData, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from callboard.core.migrations import Migrations
from callboard.core.slow import SLOW, SLOW_STATEMENT

T = TypeVar("T")
Item = TypeVar("Item")
metadata = MetaData()

ATTEMPTS = 6
# PostgreSQL: serialization_failure, deadlock_detected, lock_not_available.
RETRYABLE_STATES = {"40001", "40P01", "55P03"}


class Database:
    """An open database. `url` is SQLAlchemy's, of `sqlite+aiosqlite` or `postgresql+asyncpg`."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self.is_postgresql = url.startswith("postgresql")
        # SQLite admits one writer; queueing here is fairer and cheaper than its busy waiting.
        self._writer = None if self.is_postgresql else asyncio.Lock()
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 4}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        if not self.is_postgresql:
            _configure_sqlite(self.engine)
        _watch_statements(self.engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements see one consistent state."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            if not self.is_postgresql:
                await connection.execution_options(callboard_write=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def presence(self, number: int) -> AsyncIterator[bool]:
        """Be known to other nodes while the block runs; yields True when nobody else was on entry.

        A killed process leaves nothing behind: the lock ends with its connection.
        """
        if not self.is_postgresql:
            yield True  # SQLite is for one process
            return
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            call = text("SELECT pg_try_advisory_lock(:number)"), {"number": number}
            alone = bool((await connection.execute(*call)).scalar_one())
            shared = text("SELECT pg_advisory_lock_shared(:number)")
            await connection.execute(shared, {"number": number})
            if alone:
                await connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
            try:
                yield alone
            finally:
                # The session goes back to a pool, and the lock must not go with it.
                await connection.invalidate()

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in one transaction and commit; a deadlock or lock failure runs the whole of it again.

        `work` must therefore have no effect but through its connection.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                if self._writer is None:
                    async with self._begin() as connection:
                        return await work(connection)
                async with self._writer, self._begin() as connection:
                    return await work(connection)
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _is_retryable(error):
                    raise
                await asyncio.sleep(0.025 * 2**attempt * random.random())  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def insert_for(self, table: Table) -> Any:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` of this dialect."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    async def close(self) -> None:
        await self.engine.dispose()

    async def migrate(self, migrations: Migrations) -> None:
        """Bring the schema to the newest revision; several nodes may start at once."""

        async def work(connection: AsyncConnection) -> None:
            if self.is_postgresql:
                # The number only has to be the same on every node; it is released with the transaction.
                await connection.execute(text("SELECT pg_advisory_xact_lock(7303014521)"))
            await connection.run_sync(migrations.run)

        await self.write(work)


def _configure_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # this module emits BEGIN itself
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=30000",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "wal_autocheckpoint=32000",  # pages of 4 KiB: fewer waits for the disk while much is written
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that reads first and writes later cannot be upgraded when another wrote in between.
        write = connection.get_execution_options().get("callboard_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _watch_statements(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def before(_c: Any, _k: Any, _s: str, _p: Any, context: Any, _many: bool) -> None:
        context.callboard_started = perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def after(_c: Any, _k: Any, statement: str, _p: Any, context: Any, _many: bool) -> None:
        took = perf_counter() - context.callboard_started
        if took > SLOW_STATEMENT:
            SLOW.statement(statement, took)


def _is_retryable(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state in RETRYABLE_STATES or "database is locked" in str(error.orig)


def chunks(items: Sequence[Item], size: int = 500) -> list[Sequence[Item]]:
    """Slices small enough for the number of parameters that a statement may have."""
    return [items[start : start + size] for start in range(0, len(items), size)]
