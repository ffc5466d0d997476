"""Keeps the documents of entities equal to the catalog: reads all at start, then follows the change feed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

import orjson

from callboard.catalog.store.effects import TOPIC
from callboard.catalog.store.finals import FinalRow, all_finals, read_finals
from callboard.core.database import Database
from callboard.core.feed import Change, Feed
from callboard.core.following import Following
from callboard.search.decorating import Decorators
from callboard.search.documents import ENTITIES, Document, entity_document
from callboard.search.engine import Engine

PAGE = 250  # rows read at once; the database driver makes them on the event loop
PAUSE = 0.15  # seconds between commits while changes keep coming


class EntityDocuments(Following):
    """`ready` once every entity can be found."""

    def __init__(self, database: Database, feed: Feed, engine: Engine, decorators: Decorators) -> None:
        super().__init__(feed, "search", PAGE)
        self._decorators = decorators
        self._database = database
        self._engine = engine
        self._committed_at = 0.0

    async def read_all(self) -> None:
        """What could be found before can be found until the new is whole."""
        async with self._engine.changing():
            self._engine.delete_all(ENTITIES)
            async for page in all_finals(self._database, PAGE):
                await self._engine.add(self._documents(page))

    async def apply(self, changes: Sequence[Change]) -> None:
        refs = sorted({change.key for change in changes if change.topic == TOPIC})
        rows = await read_finals(self._database, refs)
        await asyncio.sleep(max(0.0, self._committed_at + PAUSE - monotonic()))
        documents = list(self._documents(rows))
        async with self._engine.changing():
            self._engine.delete(ENTITIES, set(refs) - {one.key for one in documents})
            await self._engine.put(documents)
        self._engine.refs.gone(set(refs) - {row.entity_ref for row in rows})
        self._committed_at = monotonic()

    def _documents(self, rows: Iterable[FinalRow]) -> Iterator[Document]:
        return self._decorators.decorated(entity_document(orjson.loads(row.body)) for row in rows)
