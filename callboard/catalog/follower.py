"""Keeps this node's read index equal to the database: builds it at start, then follows the change feed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import orjson

from callboard.catalog.index import Entry, Index
from callboard.catalog.store.effects import TOPIC
from callboard.catalog.store.finals import FinalRow, all_finals, read_bodies, read_finals
from callboard.core.database import Database
from callboard.core.feed import Change, Feed
from callboard.core.following import Following

CHUNK = 10  # entities put at once; between chunks requests are answered, and the database gets its next work
BATCH = 1000


class Follower(Following):
    """`ready` once the index is whole."""

    def __init__(self, database: Database, feed: Feed, index: Index) -> None:
        super().__init__(feed, "read index", BATCH)
        self._database = database
        self._index = index

    async def read_all(self) -> None:
        """Nothing is answered meanwhile: half a catalog is a wrong answer."""
        self.ready = False
        self._index.clear()
        async for page in all_finals(self._database):
            await self._put(page)

    async def apply(self, changes: Sequence[Change]) -> None:
        refs = sorted({change.key for change in changes if change.topic == TOPIC})
        rows = await read_finals(self._database, refs)
        await self._put(rows)
        # Last: relations to what is not there are told to everyone, so those that led to a hidden entity go
        # before it does.
        for ref in set(refs) - {row.entity_ref for row in rows}:
            self._index.remove(ref)

    async def _put(self, rows: list[FinalRow]) -> None:
        for start in range(0, len(rows), CHUNK):
            self._index.put_many(
                [
                    Entry(row.entity_ref, row.entity_id, row.body.encode(), tuple(orjson.loads(row.parents)))
                    for row in rows[start : start + CHUNK]
                ]
            )
            await asyncio.sleep(0)


async def read_index(database: Database) -> Index:
    """The index of what a database holds now, for commands that look at it and end. Nothing is written."""
    index = Index(loader=lambda ids: read_bodies(database, ids))
    await Follower(database, Feed(database), index).rebuild()
    return index
