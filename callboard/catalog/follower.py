"""Keeps this node's read index equal to the database: builds it at start, then follows the change feed."""

from __future__ import annotations

import asyncio
import contextlib

import orjson
import structlog

from callboard.catalog.index import Entry, Index
from callboard.catalog.store.effects import TOPIC
from callboard.catalog.store.finals import FinalRow, all_finals, read_finals
from callboard.core.database import Database
from callboard.core.feed import Feed

log = structlog.get_logger(__name__)
CHUNK = 50  # entities put at once; between chunks requests are answered
BATCH = 1000
POLL = 0.5


class Follower:
    """`ready` once the index is whole; `position` is the last change it has applied."""

    def __init__(self, database: Database, feed: Feed, index: Index) -> None:
        self._database = database
        self._feed = feed
        self._index = index
        self._woken = feed.subscribe()
        self._advanced = asyncio.Condition()
        self.position = 0
        self.ready = False

    async def rebuild(self) -> None:
        """Read everything again. Changes made meanwhile are in the feed after the position noted first."""
        position = await self._feed.newest()
        self.ready = False
        self._index.clear()
        async for page in all_finals(self._database):
            await self._put(page)
        self.position = position
        self.ready = True
        await self._announce()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._woken.clear()
            try:
                if not self.ready:
                    await self.rebuild()
                await self.catch_up()
            except Exception:  # a database that is away for a moment must not end the following
                log.exception("the index could not follow the change feed; it tries again")
                await asyncio.sleep(1)
                continue
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._woken.wait()

    async def catch_up(self) -> None:
        """Apply every change that is committed by now."""
        while changes := await self._feed.after(self.position, BATCH):
            if changes[0].seq > self.position + 1:
                log.warning("the change feed was pruned past this node; rebuilding", position=self.position)
                await self.rebuild()
                continue
            refs = sorted({change.key for change in changes if change.topic == TOPIC})
            rows = await read_finals(self._database, refs)
            # What is absent now was deleted, here or by a later change that will say so again.
            for ref in set(refs) - {row.entity_ref for row in rows}:
                self._index.remove(ref)
            await self._put(rows)
            self.position = changes[-1].seq
            await self._announce()
        if self.position != await self._feed.newest() and not await self._feed.after(self.position, 1):
            # Pruned to the last row, or a database brought back from a backup that is older than this index.
            log.warning("the change feed does not lead on from this node; rebuilding", position=self.position)
            await self.rebuild()

    async def reached(self, position: int, limit: float | None = 10.0) -> None:
        """Wait until the index is whole up to the change `position`, `limit` seconds at most."""
        self._woken.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit), self._advanced:
                await self._advanced.wait_for(lambda: self.ready and self.position >= position)

    async def _announce(self) -> None:
        async with self._advanced:
            self._advanced.notify_all()

    async def _put(self, rows: list[FinalRow]) -> None:
        for start in range(0, len(rows), CHUNK):
            self._index.put_many(
                [
                    Entry(row.entity_ref, row.entity_id, row.body.encode(), tuple(orjson.loads(row.parents)))
                    for row in rows[start : start + CHUNK]
                ]
            )
            await asyncio.sleep(0)
