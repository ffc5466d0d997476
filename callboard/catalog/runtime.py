"""The running catalog of one node: all parts wired together, started in order and stopped again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.contributions import EntityProvider, Resolvers
from callboard.catalog.equipment import equip, extended_model, resolvers_of
from callboard.catalog.follower import Follower
from callboard.catalog.index import Index
from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import Connection, Provider
from callboard.catalog.ingest.engine import Engine
from callboard.catalog.ingest.process import Processing
from callboard.catalog.ingest.provide import ProviderConnection
from callboard.catalog.ingest.readers import Emitter
from callboard.catalog.ingest.texts import SourceTexts
from callboard.catalog.plugin import PLUGIN
from callboard.catalog.preview import Previewer
from callboard.catalog.providers import COMMAND_LINE, CONFIGURED, RegisteredProvider, TargetsProvider
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.catalog.settings import Settings
from callboard.catalog.store import mutations, results
from callboard.catalog.store.finals import read_bodies
from callboard.catalog.store.tables import catalog_meta
from callboard.core.database import Database
from callboard.core.feed import Feed
from callboard.core.integrations import Integrations
from callboard.core.migrations import Migrations
from callboard.core.reader import UrlReader
from callboard.model import Model
from callboard.plugins import Offers, PluginContext, Registry
from callboard.plugins.live import Live

log = structlog.get_logger(__name__)
MIGRATIONS = Migrations(Path(__file__).parent / "store" / "migrations", "alembic_version")
FEED_KEPT = 200_000
FEED_PRUNED_EVERY = 3600.0
CONNECT_SECONDS = 60.0  # a provider answers once; whatever takes longer is work of its own task


class Runtime:
    """One node. `reader` reads URLs; `live` are its plugins at the start (None: the catalog's own alone)."""

    def __init__(
        self,
        settings: Settings,
        reader: UrlReader,
        integrations: Integrations,
        *,
        live: Live | None = None,
    ) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.feed = Feed(self.database)
        self.index = Index(max_body_bytes=settings.max_body_bytes, loader=self._load_bodies)
        self.follower = Follower(self.database, self.feed, self.index)
        self.confinement = Confinement(settings.roots)
        self.configured = TargetsProvider(CONFIGURED, settings.targets)
        self.registered = RegisteredProvider(self.database)
        self.given = TargetsProvider(COMMAND_LINE, [])
        self._builtin: list[Provider] = [self.configured, self.given, self.registered]
        self._contributed: dict[str, Provider] = {}
        live = live or catalog_alone()
        self.offers = live.offers
        texts = SourceTexts()
        emitter = Emitter(settings.rules, texts)
        self.offers.offer(UrlReader, reader, "network")
        self.offers.offer(Integrations, integrations)
        self.offers.offer(Confinement, self.confinement, "catalog.write")
        self.offers.offer(Emitter, emitter, "catalog.write")
        self.offers.offer(Queries, Queries(self.index), "catalog.read")
        self.offers.offer(Database, self.database, "database")
        self.processing = Processing([], Model.builtin(), texts)
        self._absent = False
        self.equip(live)
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
            providers=self.providers,
        )
        self.offers.offer(Catalog, self.catalog, "catalog.write")
        self.whole = asyncio.Event()
        """Set once the index of this node holds everything."""
        self._reader = reader
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Migrate, connect the providers and begin to work; returns before anything is ingested."""
        await self.database.migrate(MIGRATIONS)
        await self._reprocess_after_change()
        ingested = await self._recall("ingested") is not None
        for provider in self.providers():
            await self._connect(provider)
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

    @property
    def model(self) -> Model:
        """Every kind that the catalog knows now."""
        return self.processing.model

    def providers(self) -> list[Provider]:
        """Those of Callboard itself, and those that plugins contribute."""
        return [*self._builtin, *self._contributed.values()]

    def equip(self, live: Live) -> None:
        """Process with what these plugins contribute from now on; before `start`, or by `renew`."""
        model = extended_model(live, self.settings.kinds)
        self.offers.offer(Model, model)
        self.offers.offer(Resolvers, resolvers_of(live))
        equipment = equip(live, model, self.settings.processor_options)
        self.processing.equip(equipment.processors, equipment.model)
        self._contributed = dict(equipment.providers)
        self._absent = equipment.absent
        self._live = live

    async def renew(self, live: Live) -> None:
        """Go on with these plugins: what only others gave goes, and entities are processed anew if needed."""
        self.equip(live)
        await self._reprocess_after_change()
        for provider in self._contributed.values():
            await self._connect(provider)
        await self._forget_absent_providers()
        self.engine.wake()

    async def _connect(self, provider: Provider) -> None:
        connecting = provider.connect(self.connection(provider.name))
        owner = next(
            (
                plugin
                for plugin, one in self._live.registry.owned(EntityProvider)
                if one.name == provider.name
            ),
            None,
        )
        if owner is None:
            await connecting
            return
        with contextlib.suppress(Exception):  # noted; what it gave before stays
            where = f"the provider {provider.name}"
            await self._live.health.guarded(owner.id, where, connecting, CONNECT_SECONDS)

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
        if self.settings.keep_orphan_providers or self._absent:
            return
        async with self.database.read() as connection:
            known = await mutations.provider_names(connection)
        for name in sorted(known - {provider.name for provider in self.providers()}):
            log.warning("a provider is no longer installed", provider=name)
            await self.connection(name).apply_full([])

    async def _prune(self) -> None:
        while True:
            await asyncio.sleep(FEED_PRUNED_EVERY)
            await self.feed.prune(FEED_KEPT)


def catalog_alone() -> Live:
    """The catalog's own plugin without any other."""
    offers = Offers()
    return Live(Registry([PLUGIN]), {PLUGIN.id: PluginContext(PLUGIN, None, offers)}, (), offers)
