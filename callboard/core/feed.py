"""The change feed: one row for each committed change, in the order of the commits.

A number drawn from a sequence is given out before its transaction becomes visible, so a reader that goes by
such numbers can pass over a slow transaction. Here the number comes from a counter row that stays locked
from `append` to the commit: whoever sees number N sees every number below it. Append last in a transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import NamedTuple

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.bulk import insert_rows
from callboard.core.database import Database, metadata

log = structlog.get_logger(__name__)
CHANNEL = "callboard_feed"

change_feed = Table(
    "change_feed",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", String(40), nullable=False),
    Column("key", String, nullable=False),
    Column("operation", String(10), nullable=False),
    Column("at", Float, nullable=False),
)
feed_counter = Table(
    "feed_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
)


class Change(NamedTuple):
    """`operation` is `put` or `delete`; `key` is what `topic` goes by (for `entity`, the entity ref)."""

    seq: int
    topic: str
    key: str
    operation: str


class Feed:
    """Appends to the feed, reads it, and wakes this process's readers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._woken: set[asyncio.Event] = set()

    async def append(
        self, connection: AsyncConnection, topic: str, changes: Sequence[tuple[str, str]]
    ) -> int:
        """Add `(key, operation)` rows; returns the last number. Nothing may be locked after this."""
        statement = update(feed_counter).values(value=feed_counter.c.value + len(changes))
        last = (await connection.execute(statement.returning(feed_counter.c.value))).scalar_one()
        first, now = last - len(changes) + 1, time.time()
        rows = [
            {"seq": first + index, "topic": topic, "key": key, "operation": operation, "at": now}
            for index, (key, operation) in enumerate(changes)
        ]
        await insert_rows(connection, insert(change_feed), rows)
        if self.database.is_postgresql:
            await connection.execute(text(f"SELECT pg_notify('{CHANNEL}', '')"))
        return int(last)

    async def newest(self) -> int:
        async with self.database.read() as connection:
            return int((await connection.execute(select(feed_counter.c.value))).scalar_one())

    async def oldest(self) -> int | None:
        """The first number still kept; a reader before it has lost its place and must rebuild."""
        async with self.database.read() as connection:
            value = (await connection.execute(select(func.min(change_feed.c.seq)))).scalar_one_or_none()
            return None if value is None else int(value)

    async def after(self, seq: int, limit: int = 2000) -> list[Change]:
        query = (
            select(change_feed.c.seq, change_feed.c.topic, change_feed.c.key, change_feed.c.operation)
            .where(change_feed.c.seq > seq)
            .order_by(change_feed.c.seq)
            .limit(limit)
        )
        async with self.database.read() as connection:
            return [Change(*row) for row in await connection.execute(query)]

    async def prune(self, keep: int) -> None:
        """Forget all but the newest `keep` changes."""

        async def work(connection: AsyncConnection) -> None:
            newest = (await connection.execute(select(feed_counter.c.value))).scalar_one()
            await connection.execute(delete(change_feed).where(change_feed.c.seq <= newest - keep))

        await self.database.write(work)

    def subscribe(self) -> asyncio.Event:
        """An event that is set whenever this process committed a change or heard of another's."""
        woken = asyncio.Event()
        self._woken.add(woken)
        return woken

    def wake(self) -> None:
        for woken in self._woken:
            woken.set()

    async def listen(self) -> None:
        """Hear of other nodes' changes at once (PostgreSQL); readers poll beneath it all the same."""
        if not self.database.is_postgresql:
            return
        while True:
            with contextlib.suppress(OSError, DBAPIError):
                await self._listen_once()
            await asyncio.sleep(1)

    async def _listen_once(self) -> None:
        async with self.database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            ended = asyncio.Event()
            driver.add_termination_listener(lambda *_: ended.set())
            await driver.add_listener(CHANNEL, lambda *_: self.wake())
            self.wake()
            await ended.wait()
