"""The tantivy index of this process: the only module that writes to it.

Documents are added in small portions on the event loop; what takes long (commits, searches) runs in threads.
Nothing is seen before it is committed, so what is replaced together changes together.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
import tantivy

from callboard.search.documents import Document
from callboard.search.folder import OwnFolder
from callboard.search.schema import ID, TYPE, filled, identity, new_index
from callboard.search.seen import Refs

log = structlog.get_logger(__name__)
HEAP = 15_000_000  # bytes that the writer may hold; tantivy's least
PORTION = 16  # documents added at once, about 2 ms; between portions requests are answered


class Engine:
    """An open index below the folder `parent`. Changes are made inside `changing`."""

    def __init__(self, parent: Path) -> None:
        self._folder = OwnFolder(parent)
        self._index = new_index(self._folder.new())
        self._writer = self._new_writer()
        self._changing = asyncio.Lock()
        self._writing = threading.Lock()  # a cancelled commit still runs in its thread
        self._changed = False
        self.refs = Refs()
        """The refs of the documents inside."""

    def searcher(self) -> tantivy.Searcher:
        """The index as it was last committed."""
        return self._index.searcher()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Changes in the block are seen together when it ends, and not at all when it fails."""
        async with self._changing:
            try:
                yield
                if self._changed:
                    await asyncio.to_thread(self._commit)
            except Exception:
                await asyncio.to_thread(self._recover)
                raise
            finally:
                self._changed = False

    async def add(self, documents: Iterable[Document]) -> None:
        """Add documents whose identity is not in the index."""
        await self._add(documents, replace=False)

    async def put(self, documents: Iterable[Document]) -> None:
        """Add documents, each in the place of the one with the same type and key."""
        await self._add(documents, replace=True)

    def delete(self, type: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._writer.delete_documents_by_term(ID, identity(type, key))
            self._changed = True

    def delete_all(self, type: str) -> None:
        """Delete every document of a type."""
        self._writer.delete_documents_by_term(TYPE, type)
        self._changed = True

    async def close(self) -> None:
        """Stop, and remove the index from the disk."""
        await asyncio.to_thread(self._close)

    def bytes_on_disk(self) -> int:
        return sum(path.stat().st_size for path in self._folder.path.rglob("*") if path.is_file())

    async def _add(self, documents: Iterable[Document], *, replace: bool) -> None:
        for number, document in enumerate(documents, 1):
            try:
                row = filled(document, self.refs.number(document.ref))
            except (ValueError, TypeError) as error:  # a lone surrogate, a field that is no JSON
                log.warning("a document cannot be indexed", key=document.key, error=str(error))
                continue
            if replace:
                self.delete(document.type, [document.key or document.location])
            self._writer.add_document(row)
            self._changed = True
            if number % PORTION == 0:
                await asyncio.sleep(0)

    def _new_writer(self) -> Any:  # IndexWriter, which tantivy types but does not export
        return self._index.writer(heap_size=HEAP, num_threads=1)

    def _commit(self) -> None:
        with self._writing:
            self._writer.commit()
            self._index.reload()

    def _recover(self) -> None:
        """Forget what is not committed."""
        with self._writing:
            try:
                self._writer.rollback()
            except Exception:  # tantivy raises ValueError for a dead writer, and others for a full disk
                log.warning("the writer of the search index is lost; starting another")
                self._writer = None
                self._writer = self._new_writer()

    def _close(self) -> None:
        with self._writing:
            try:
                self._writer.wait_merging_threads()
            finally:
                self._folder.remove()
