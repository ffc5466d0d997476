"""The search of one process: its index, what keeps it current, and the questions pages and APIs ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import structlog
from tantivy import Searcher

from callboard.core.database import Database
from callboard.core.errors import ServiceUnavailableError
from callboard.core.feed import Feed
from callboard.model.urls import scheme
from callboard.plugins import Contribution
from callboard.search.decorating import Decorator, Decorators, Failed, unnoted
from callboard.search.documents import ENTITIES, Document
from callboard.search.engine import Engine
from callboard.search.follow import EntityDocuments
from callboard.search.query import Hit, SearchAnswer, SearchRequest, answer, suggestions
from callboard.search.seen import Refs, Sets, Visible, Within
from callboard.search.told import told, told_hit

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger(__name__)
THREADS = 2
LOOKED_THROUGH = 4
COLLATION = 600.0  # seconds after which a collator is given up
RETRY = 30.0  # seconds until a collator that failed is asked again, unless its interval is shorter


@dataclass(frozen=True, slots=True)
class Collator(Contribution):
    """Documents of one type that no entity is the source of, such as pages of documentation.

    `collate` gives all of them, every `interval` seconds; they replace the former ones together. When it
    fails the former ones stay. Every node collates for itself.
    """

    type: str
    collate: Callable[[], AsyncIterator[Document]]
    interval: float = 600.0


class Search:
    """`folder` is where the index lives while this process does; `after` is waited for before it is built."""

    def __init__(
        self,
        database: Database,
        feed: Feed,
        folder: Path,
        *,
        after: asyncio.Event | None = None,
    ) -> None:
        self._database = database
        self._feed = feed
        self._folder = folder
        self._collating: dict[str, tuple[Collator, asyncio.Task[None]]] = {}
        self._after = after
        self._failed: Failed = unnoted
        self._decorators = Decorators()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="search")
        self._engine: Engine | None = None
        self._sets = Sets(Refs())
        self._following: EntityDocuments | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open an empty index and begin to fill it; returns at once."""
        self._engine = await asyncio.to_thread(Engine, self._folder)
        self._sets = Sets(self._engine.refs)
        self._following = EntityDocuments(self._database, self._feed, self._engine, self._decorators)
        self._spawn(self._follow(self._following))

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that documents can have."""
        return (ENTITIES, *self._collating)

    async def follow(
        self,
        collators: Sequence[Collator],
        decorators: Sequence[Decorator] = (),
        failed: Failed = unnoted,
    ) -> None:
        """Collate and decorate with these from now on; documents of others go. Of two collators with one type
        the first has it."""
        engine = self._open()
        self._failed = failed
        redecorated = self._decorators.use(decorators, failed)
        if redecorated and self._following is not None and self._following.ready:
            self._spawn(self._rebuild(self._following))
        known = {one.type: one for one in reversed(collators) if one.type != ENTITIES}
        for type, (collator, task) in list(self._collating.items()):
            if known.get(type) is collator and not redecorated:
                continue
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            del self._collating[type]
            async with engine.changing():
                engine.delete_all(type)
        for type, collator in known.items():
            if type not in self._collating:
                self._collating[type] = (collator, asyncio.create_task(self._collate(collator, engine)))

    async def stop(self) -> None:
        """Stop, and remove the index."""
        tasks = [*self._tasks, *(task for _, task in self._collating.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._collating.clear()
        engine, self._engine = self._engine, None
        self._threads.shutdown(wait=False)
        if engine is not None:
            await engine.close()

    @property
    def ready(self) -> bool:
        """Whether every entity can be found."""
        return self._engine is not None and self._following is not None and self._following.ready

    @property
    def documents(self) -> int:
        """How many documents can be found."""
        return self._engine.searcher().num_docs if self._engine is not None else 0

    def bytes_on_disk(self) -> int:
        return self._engine.bytes_on_disk() if self._engine is not None else 0

    async def query(self, request: SearchRequest, visible: Visible | None = None) -> SearchAnswer:
        """Answers a page of a search of what is visible (None: all).

        ServiceUnavailableError before `start` and after `stop`.
        """
        searcher, within = await self._within(visible)
        found = await self._in_thread(answer, searcher, request, within)
        return found if visible is None else told(found, visible)

    async def suggest(
        self, term: str, limit: int = 10, types: Sequence[str] = (), visible: Visible | None = None
    ) -> list[Hit]:
        """The best hits for what a person is typing, uncounted; nothing for an empty term."""
        if visible is None:
            return await self._in_thread(suggestions, self._open().searcher(), term, limit, types)
        # Looking through the best hits of all is mostly enough, and spares making a clause at every letter.
        wanted = limit * LOOKED_THROUGH
        hits = await self._in_thread(suggestions, self._open().searcher(), term, wanted, types)
        seen = [hit for hit in hits if visible.shows(hit.document.ref)][:limit]
        if len(seen) < limit and hits and (len(hits) == wanted or not seen):
            searcher, within = await self._within(visible)
            hits = await self._in_thread(suggestions, searcher, term, limit, types, within)
            seen = [hit for hit in hits if visible.shows(hit.document.ref)]
        return [replace(told_hit(hit, visible), rank=rank) for rank, hit in enumerate(seen, 1)]

    async def _within(self, visible: Visible | None) -> tuple[Searcher, Within | None]:
        """The index as it is now, and the clause of what may be seen of it.

        In this order: the clause then knows every ref that the index has.
        """
        engine = self._open()
        searcher = engine.searcher()
        return searcher, None if visible is None else await self._sets.of(visible)

    async def caught_up(self, limit: float | None = 10.0) -> None:
        """Wait until searches see every change that is committed by now, `limit` seconds at most."""
        if self._following is not None:
            await self._following.reached(await self._feed.newest(), limit)

    async def _in_thread(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Run a search off the event loop. In few threads: each keeps the memory it once needed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *given, **named))

    def _open(self) -> Engine:
        if self._engine is None:
            raise ServiceUnavailableError("The search is not started")
        return self._engine

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _follow(self, following: EntityDocuments) -> None:
        if self._after is not None:
            await self._after.wait()
        await following.run()

    async def _rebuild(self, following: EntityDocuments) -> None:
        try:
            await following.rebuild()
        except Exception:  # a database that is away: what changes from now on is decorated all the same
            log.exception("the documents of entities could not be made anew")

    async def _collate(self, collator: Collator, engine: Engine) -> None:
        while True:
            pause = collator.interval
            try:
                await _replace(collator, engine, self._decorators)
            except Exception as error:  # a plugin's mistake must not end the search of everything else
                log.exception("a collator failed; its former documents stay", type=collator.type)
                self._failed(collator, f"the collator {collator.type}", error)
                pause = min(pause, RETRY)
            await asyncio.sleep(pause)


async def _replace(collator: Collator, engine: Engine, decorators: Decorators) -> None:
    documents: dict[str, Document] = {}
    async with asyncio.timeout(COLLATION):
        async for document in collator.collate():
            if document.type != collator.type or scheme(document.location) not in (None, "http", "https"):
                log.warning("a document has a wrong type or location", type=collator.type, key=document.key)
                continue
            documents[document.key or document.location] = document
    async with engine.changing():
        engine.delete_all(collator.type)
        await engine.add(decorators.decorated(documents.values()))
