"""Keeps the documents of entities equal to the catalog: reads all at start, then follows the change feed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from time import monotonic

import orjson
import structlog

from callboard.catalog.store.effects import TOPIC
from callboard.catalog.store.finals import FinalRow, all_finals, read_finals
from callboard.core.database import Database
from callboard.core.feed import Feed
from callboard.search.documents import ENTITIES, Document, entity_document
from callboard.search.engine import Engine

log = structlog.get_logger(__name__)
PAGE = 250  # rows read at once; the database driver makes them on the event loop
POLL = 0.5
PAUSE = 0.15  # seconds between commits while changes keep coming


class Following:
    """`ready` once every entity can be found; `position` is the last change that searches see."""

    def __init__(self, database: Database, feed: Feed, engine: Engine) -> None:
        self._database = database
        self._feed = feed
        self._engine = engine
        self._woken = feed.subscribe()
        self._advanced = asyncio.Condition()
        self._committed_at = 0.0
        self.position = 0
        self.ready = False

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._woken.clear()
            try:
                if not self.ready:
                    await self.rebuild()
                await self.catch_up()
            except Exception:  # neither a database that is away nor a full disk may end the following
                log.exception("the search index could not follow the change feed; it tries again")
                await asyncio.sleep(1)
                continue
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._woken.wait()

    async def rebuild(self) -> None:
        """Read everything again; what could be found before can be found until the new is whole."""
        position = await self._feed.newest()
        async with self._engine.changing():
            self._engine.delete_all(ENTITIES)
            async for page in all_finals(self._database, PAGE):
                await self._engine.add(_documents(page))
        self.ready = True
        await self._reach(position)

    async def catch_up(self) -> None:
        """Apply every change that is committed by now."""
        while changes := await self._feed.after(self.position, PAGE):
            if changes[0].seq > self.position + 1:
                log.warning("the change feed was pruned past the search index; rebuilding")
                await self.rebuild()
                continue
            refs = sorted({change.key for change in changes if change.topic == TOPIC})
            rows = await read_finals(self._database, refs)
            await asyncio.sleep(max(0.0, self._committed_at + PAUSE - monotonic()))
            async with self._engine.changing():
                # What is absent now was deleted, here or by a later change that will say so again.
                self._engine.delete(ENTITIES, set(refs) - {row.entity_ref for row in rows})
                await self._engine.put(_documents(rows))
            self._committed_at = monotonic()
            await self._reach(changes[-1].seq)
        if self.position != await self._feed.newest() and not await self._feed.after(self.position, 1):
            # Pruned to the last row, or a database brought back from a backup older than this index.
            log.warning("the change feed does not lead on from the search index; rebuilding")
            await self.rebuild()

    async def reached(self, position: int, limit: float | None = 10.0) -> None:
        """Wait until searches see the change `position`, `limit` seconds at most."""
        self._woken.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit), self._advanced:
                await self._advanced.wait_for(lambda: self.ready and self.position >= position)

    async def _reach(self, position: int) -> None:
        self.position = position
        async with self._advanced:
            self._advanced.notify_all()


def _documents(rows: Iterable[FinalRow]) -> Iterator[Document]:
    return (entity_document(orjson.loads(row.body)) for row in rows)
