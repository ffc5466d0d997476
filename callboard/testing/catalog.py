"""The catalog alone inside a test: what a plugin's kinds, processors and providers make of an entity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from callboard.catalog.ingest.contract import Entity
from callboard.catalog.plugin import PLUGIN
from callboard.catalog.runtime import Runtime
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Problem
from callboard.model.refs import entity_ref
from callboard.plugins import Plugin
from callboard.plugins.discovery import beside, builtin
from callboard.plugins.events import Events
from callboard.plugins.health import PluginHealth
from callboard.plugins.live import Found, Live, go_live
from callboard.plugins.settings import PluginSettings
from callboard.plugins.storage import PluginStorage
from callboard.testing.setup import MAX_SECONDS, PROVIDER, config_of, deferred, runtime_of


class UnhealthyEntityError(AssertionError):
    """An entity could not be processed; the message holds every problem of it."""


def found_with(plugins: Sequence[Plugin], own: Sequence[Plugin] = ()) -> list[Found]:
    """Callboard's `own` plugins, those given, and those installed that are not given as well."""
    given = [Found(plugin.id, "beside", plugin, plugin.version) for plugin in plugins]
    ids = {plugin.id for plugin in plugins}
    return [*builtin(own), *given, *(one for one in beside() if one.id not in ids)]


def demand_live(live: Live, plugins: Sequence[Plugin]) -> None:
    """Raise ConfigError with what is wrong if one of the plugins under test could not go live."""
    missing = {plugin.id for plugin in plugins} - set(live.contexts)
    wrong = [
        Problem(f"the plugin {one.id} is {one.state}: {'; '.join(one.problems)}")
        for one in live.statuses
        if one.id in missing
    ]
    if wrong:
        raise ConfigError(wrong)


async def given_to(runtime: Runtime, entities: Sequence[Entity], gone: Sequence[str] = ()) -> None:
    """Add or replace entities, take others away, and wait until the catalog shows it."""
    await runtime.connection(PROVIDER).apply_delta([deferred(one) for one in entities], gone)
    await asyncio.wait_for(runtime.engine.settled(), MAX_SECONDS)
    await asyncio.wait_for(runtime.catalog.caught_up(), MAX_SECONDS)


async def entity_of(runtime: Runtime, ref: str) -> Entity | None:
    """The final entity, whoever may see it."""
    row = runtime.index.row(ref.lower())
    body = None if row is None else (await runtime.index.bodies([row]))[0]
    return None if body is None else orjson.loads(body)


class CatalogUnderTest:
    """`runtime` is the product's own; the short ways here are what most tests need."""

    def __init__(self, runtime: Runtime, live: Live) -> None:
        self.runtime = runtime
        self.live = live

    async def process(self, entity: Entity) -> Entity:
        """The final entity, as the catalog serves it. Raises UnhealthyEntityError with its problems."""
        await self.give(entity)
        ref = entity_ref(entity)
        problems = [one for one in await self.runtime.catalog.problems() if one.get("entityRef") == ref]
        messages = [
            ": ".join(str(one[key]) for key in ("field", "message") if one.get(key)) for one in problems
        ]
        found = await self.entity(ref)
        if messages or found is None:
            raise UnhealthyEntityError(f"{ref}: " + ("; ".join(messages) or "it is not in the catalog"))
        return found

    async def give(self, *entities: Entity) -> None:
        """Add or replace entities; mistakes in them are not raised."""
        await given_to(self.runtime, entities)

    async def take(self, *refs: str) -> None:
        """Take entities away again."""
        await given_to(self.runtime, (), refs)

    async def refresh(self, ref: str) -> None:
        """Process an entity again, as when its time has come."""
        await self.runtime.catalog.refresh(ref)
        await given_to(self.runtime, ())

    async def entity(self, ref: str) -> Entity | None:
        return await entity_of(self.runtime, ref)

    def storage(self, plugin: str) -> PluginStorage:
        return PluginStorage(self.runtime.database, plugin)

    def health(self, plugin: str) -> PluginHealth:
        return self.live.health.of(plugin)


@asynccontextmanager
async def opened(
    folder: Path, plugins: Sequence[Plugin], given: Mapping[str, Any]
) -> AsyncIterator[CatalogUnderTest]:
    """A started catalog with the plugins; their contributions to pages and search are not used."""
    config = config_of(folder, given)
    runtime = runtime_of(config, folder)
    await PluginSettings(runtime.database).migrate()
    offers = runtime.offers
    offers.offer(Config, config)
    offers.offer(Events, Events())
    offers.offer_each(PluginStorage, lambda plugin: PluginStorage(runtime.database, plugin.id))
    live = go_live(found_with(plugins, (PLUGIN,)), config, {}, offers)
    demand_live(live, plugins)
    runtime.equip(live)
    await runtime.start()
    try:
        await asyncio.wait_for(runtime.whole.wait(), MAX_SECONDS)
        yield CatalogUnderTest(runtime, live)
    finally:
        await runtime.stop()
