"""The running catalog of one node: all parts wired together, started in order and stopped again."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.follower import Follower
from callboard.catalog.index import Index
from callboard.catalog.ingest.annotate import AnnotateProcessor
from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import Connection, Provider
from callboard.catalog.ingest.engine import Engine
from callboard.catalog.ingest.kinds import KindsProcessor
from callboard.catalog.ingest.placeholders import PlaceholderProcessor
from callboard.catalog.ingest.process import Processing
from callboard.catalog.ingest.provide import ProviderConnection
from callboard.catalog.ingest.readers import Emitter, FileReaderProcessor, UrlReaderProcessor
from callboard.catalog.ingest.texts import SourceTexts
from callboard.catalog.preview import Previewer
from callboard.catalog.providers import COMMAND_LINE, CONFIGURED, RegisteredProvider, TargetsProvider
from callboard.catalog.service import Catalog
from callboard.catalog.settings import Settings
from callboard.catalog.store import mutations, results
from callboard.catalog.store.finals import read_bodies
from callboard.catalog.store.tables import catalog_meta
from callboard.core.database import Database
from callboard.core.feed import Feed
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.model import Model

log = structlog.get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "store" / "migrations"
FEED_KEPT = 200_000
FEED_PRUNED_EVERY = 3600.0


class Runtime:
    """One node. `reader` reads URLs; further processors and providers may be added before `start`."""

    def __init__(
        self,
        settings: Settings,
        reader: UrlReader,
        integrations: Integrations,
        *,
        processors: Sequence[Any] = (),
        providers: Sequence[Provider] = (),
    ) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.feed = Feed(self.database)
        self.index = Index(max_body_bytes=settings.max_body_bytes, loader=self._load_bodies)
        self.follower = Follower(self.database, self.feed, self.index)
        self.model = Model.builtin().extended(settings.kinds) if settings.kinds else Model.builtin()
        self.confinement = Confinement(settings.roots)
        self.configured = TargetsProvider(CONFIGURED, settings.targets)
        self.registered = RegisteredProvider(self.database)
        self.given = TargetsProvider(COMMAND_LINE, [])
        self._providers: list[Provider] = [self.configured, self.given, self.registered, *providers]
        texts = SourceTexts()
        emitter = Emitter(settings.rules, texts)
        builtin = [
            PlaceholderProcessor(reader, integrations, self.confinement),
            AnnotateProcessor(integrations),
            KindsProcessor(self.model),
            FileReaderProcessor(emitter, self.confinement),
            UrlReaderProcessor(emitter, reader, integrations),
        ]
        self.processing = Processing(
            _configured([*builtin, *processors], settings.processor_options), self.model, texts
        )
        self.engine = Engine(
            self.database,
            self.feed,
            self.processing,
            interval=settings.interval,
            keep_orphans=settings.keep_orphans,
        )
        self.catalog = Catalog(
            database=self.database,
            feed=self.feed,
            index=self.index,
            follower=self.follower,
            engine=self.engine,
            processing=self.processing,
            previewer=Previewer(self.database, self.processing, emitter),
            registered=self.registered,
            reader=reader,
            integrations=integrations,
            readonly=settings.readonly,
            providers=self._providers,
        )
        self.whole = asyncio.Event()
        """Set once the index of this node holds everything."""
        self._reader = reader
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Migrate, connect the providers and begin to work; returns before anything is ingested."""
        await self.database.migrate(MIGRATIONS)
        await self._reprocess_after_change()
        ingested = await self._recall("ingested") is not None
        for provider in self._providers:
            await provider.connect(self.connection(provider.name))
        await self._forget_absent_providers()
        self._spawn(self.engine.run())
        self._spawn(self.feed.listen())
        self._spawn(self._prune())
        self._spawn(self.follower.run())
        self._spawn(self._announce(ingested=ingested))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._reader.aclose()
        await self.database.close()

    def connection(self, name: str) -> Connection:
        """What the provider called `name` mutates the catalog through."""
        return ProviderConnection(name, self.database, self.feed, self.settings.guard, self.engine.wake)

    def _spawn(self, work: Any) -> None:  # Any: a coroutine of any of the loops
        self._tasks.append(asyncio.create_task(work))

    async def _announce(self, *, ingested: bool) -> None:
        """Say that the catalog is whole; one that never was is so when all its sources were read once."""
        if not ingested:
            await self.engine.settled()
            await self._remember("ingested", "yes")
        await self.follower.reached(await self.feed.newest(), limit=None)
        gc.freeze()  # the index lives as long as the process; collections need not walk it
        self.catalog.ingested = True
        self.whole.set()

    async def _load_bodies(self, entity_ids: list[str]) -> dict[str, bytes]:
        return await read_bodies(self.database, entity_ids)

    async def _reprocess_after_change(self) -> None:
        """What is stored follows from source, model, rules and processors: when these change, redo all."""
        parts = (repr(self.model.kinds), repr(self.settings.rules), self.processing.version)
        version = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if await self._recall("processing") != version:
            await self.database.write(results.mark_all_due)
            await self._remember("processing", version)

    async def _recall(self, key: str) -> str | None:
        async with self.database.read() as connection:
            query = select(catalog_meta.c.value).where(catalog_meta.c.key == key)
            return (await connection.execute(query)).scalar_one_or_none()

    async def _remember(self, key: str, value: str) -> None:
        insert = self.database.insert_for(catalog_meta).values(key=key, value=value)
        row = insert.on_conflict_do_update(index_elements=["key"], set_={"value": value})

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(row)

        await self.database.write(work)

    async def _forget_absent_providers(self) -> None:
        """What a provider that is no longer installed gave goes, unless that would be a mass deletion."""
        if self.settings.keep_orphan_providers:
            return
        async with self.database.read() as connection:
            known = await mutations.provider_names(connection)
        for name in sorted(known - {provider.name for provider in self._providers}):
            log.warning("a provider is no longer installed", provider=name)
            await self.connection(name).apply_full([])

    async def _prune(self) -> None:
        while True:
            await asyncio.sleep(FEED_PRUNED_EVERY)
            await self.feed.prune(FEED_KEPT)


def _configured(processors: Sequence[Any], options: Any) -> list[Any]:
    """`catalog.processorOptions.<name>.{disabled,priority}`."""
    kept = []
    for processor in processors:
        own = options.get(processor.name) or {}
        if own.get("disabled"):
            continue
        if "priority" in own:
            processor.priority = own["priority"]
        kept.append(processor)
    return kept
