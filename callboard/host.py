"""The running portal of one process: catalog, search, pages and plugins, and the application over them.

When plugins are installed, removed, enabled or configured, a new application is built beside the old one and
takes its place between two requests; requests that run already end with the old one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import structlog
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.access.actions import action_routes
from callboard.access.permissions.api import Resources
from callboard.access.principals import Principal
from callboard.access.schedule import schedule_routes
from callboard.access.service import Access
from callboard.app import build_app
from callboard.catalog.directory import CatalogDirectory
from callboard.catalog.events import EntityEvents
from callboard.catalog.permissions import ENTITY
from callboard.catalog.query import Queries
from callboard.catalog.runtime import Runtime
from callboard.catalog.visibility import Visibility
from callboard.core.config import Config
from callboard.core.errors import ServiceUnavailableError
from callboard.core.http import error_answer
from callboard.figures import mart_figures
from callboard.insights.source import InsightSource
from callboard.marketplace.figures import Figures
from callboard.marketplace.intake.lifecycle import PublishTimes
from callboard.pipelines.capture.pages import PageUsage
from callboard.pipelines.lake import LakeError
from callboard.pipelines.marts import MartReader
from callboard.pipelines.plugin import PLUGIN as PIPELINES
from callboard.pipelines.service import Pipelines
from callboard.pipelines.settings import PipelinesSettings
from callboard.plugins import Plugin
from callboard.plugins.admin import PluginAdmin
from callboard.plugins.contributions import PackageSource, PlanNotices
from callboard.plugins.discovery import beside, builtin
from callboard.plugins.events import Events
from callboard.plugins.health import Health
from callboard.plugins.install import Installer
from callboard.plugins.install.environment import FOLDER
from callboard.plugins.live import Live, go_live
from callboard.plugins.settings import PluginSettings
from callboard.plugins.storage import PluginStorage
from callboard.plugins.tasks import Tasks
from callboard.portal.plugins import PLUGINS
from callboard.publishing import lake_times
from callboard.search import Collator, Decorator, Search
from callboard.web.assets import Assets
from callboard.web.contributions import Languages, Templates
from callboard.web.language import Texts
from callboard.web.preferences import PreferenceStore
from callboard.web.services import Services
from callboard.web.templating import compile_all, environment

log = structlog.get_logger(__name__)
WATCH = 1.0  # seconds between two looks at whether another process changed the plugins


class Host:
    """`data` is a folder of this process. `plugins` are those that Callboard consists of.

    `assets` may be shared by several in one process, which then compress each file once.
    """

    def __init__(
        self,
        config: Config,
        runtime: Runtime,
        data: Path,
        plugins: Sequence[Plugin] = PLUGINS,
        *,
        assets: Assets | None = None,
        listens_on: str = "127.0.0.1",
        log_requests: bool = True,
    ) -> None:
        self.runtime = runtime
        self.settings = PluginSettings(runtime.database)
        self.tasks = Tasks(runtime.database)
        self.events = Events()
        self.search = Search(runtime.database, runtime.feed, data, after=runtime.whole)
        self.preferences = PreferenceStore(runtime.database)
        self._config = config
        self._plugins = plugins
        self._assets = assets or Assets()
        self._installed_in = (data / FOLDER).resolve()
        taken = [one.id for one in plugins]
        self.installer = Installer(runtime.database, data, config, taken)
        self.admin = PluginAdmin(self.settings, config, lambda: self.live, self.renew, self.installer)
        self._health = Health()
        self._revision = -1
        self._renewing = asyncio.Lock()
        self._background: list[asyncio.Task[None]] = []
        self._app: ASGIApp = _starting
        self.directory = CatalogDirectory(runtime.index)
        self.access = Access(config, runtime.database, self.directory, self._resource, listens_on=listens_on)
        self._outer: ASGIApp = self.access.around(self._dispatch, log_requests=log_requests)
        self.live: Live
        self.services: Services
        offers = runtime.offers
        self.access.offer(offers)
        offers.offer(Resources, Resources({ENTITY: self._entities}), "identity")
        offers.offer(Config, config)
        offers.offer(Search, self.search, "search")
        offers.offer(Events, self.events)
        offers.offer(PluginAdmin, self.admin, "identity")
        offers.offer(Tasks, self.tasks, "identity")
        self.pipelines = Pipelines(
            runtime.database,
            data,
            config,
            queries=Queries(runtime.index),
            ready=runtime.whole.wait,
        )
        offers.offer(Pipelines, self.pipelines)
        self.figures = mart_figures(config, data, lambda: self.pipelines.is_sample)
        if self.figures is not None:
            offers.offer(Figures, self.figures)  # type: ignore[type-abstract] # plugins ask for the protocol
        # The files' word counts until the pipelines are told their settings: the catalog begins earlier.
        recorded = config.get("pipelines.sources.recorded") is not None
        self.published = lake_times(config, data, lambda: recorded or self.pipelines.is_sample)
        if self.published is not None:
            offers.offer(PublishTimes, self.published)  # type: ignore[type-abstract] # as above
        offers.offer(PreferenceStore, self.preferences, "identity")
        offers.offer(InsightSource, InsightSource(self._marts, lambda: self.pipelines.is_sample))
        offers.offer_each(PluginStorage, lambda plugin: PluginStorage(runtime.database, plugin.id))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._outer(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the application of this moment, to its end."""
        await self._app(scope, receive, send)

    async def start(self) -> None:
        """Migrate, and set to work everything that runs; returns before anything is ingested."""
        live = await self._prepare()
        self.runtime.equip(live)
        await self.runtime.start()
        await self._begin(live)

    async def begin(self) -> None:
        """The same for a catalog that runs already, and that `end` leaves running."""
        live = await self._prepare()
        await self.runtime.renew(live)
        await self._begin(live)

    async def _prepare(self) -> Live:
        await self.settings.migrate()
        await self.preferences.migrate()
        await self.access.start()
        if self.published is not None:  # before listings are read, which are judged by it
            await self.published.first()
        self._revision = await self.settings.revision()
        return await self._go_live()

    async def _begin(self, live: Live) -> None:
        await self.search.start()
        await self._follow(live)
        entity_events = EntityEvents(self.runtime.feed, self.events)
        self._background += [
            asyncio.create_task(self._watch()),
            asyncio.create_task(entity_events.run()),
        ]
        if self.figures is not None:
            self._background.append(asyncio.create_task(self.figures.follow()))
        if self.published is not None:
            self._background.append(asyncio.create_task(self.published.follow()))

    async def stop(self) -> None:
        await self.end()
        await self.runtime.stop()

    async def end(self) -> None:
        """Stop everything but the catalog."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.events.stop()
        await self.tasks.stop()
        await self.pipelines.stop()
        await self.search.stop()
        await self.access.stop()

    async def renew(self) -> None:
        """Go on with the plugins as they are set now."""
        async with self._renewing:
            self._revision = await self.settings.revision()
            live = await self._go_live()
            await self.runtime.renew(live)
            await self._follow(live, compiled=True)

    @property
    def routes(self) -> Sequence[Route]:
        """The routes of the application as it is now."""
        known = self._app.routes if isinstance(self._app, Starlette) else ()
        return [one for one in known if isinstance(one, Route)]

    async def _watch(self) -> None:
        """Other processes change plugins as well: other nodes, and the command line."""
        while True:
            await asyncio.sleep(WATCH)
            try:
                if await self.settings.revision() != self._revision:
                    await self.renew()
            except Exception:  # a database that is away for a moment must not end the watch
                log.exception("plugins could not be looked at; it is tried again")

    async def _go_live(self) -> Live:
        nearby = await asyncio.to_thread(beside, self._installed_in)
        found = [*builtin(self._plugins), *nearby, *await self.installer.found()]
        live = go_live(found, self._config, await self.settings.all(), self.runtime.offers, self._health)
        for status in live.statuses:
            for problem in status.problems:
                log.error("a plugin is left out", plugin=status.id, problem=problem)
        return live

    async def _follow(self, live: Live, *, compiled: bool = False) -> None:
        """Everything but the catalog goes on with these plugins; last of all the application."""
        permissions = self.access.follow(live)
        visibility = Visibility(permissions, Queries(self.runtime.index))
        live.offers.offer(Visibility, visibility, "identity")
        await self.search.follow(live.registry.of(Collator), live.registry.of(Decorator), live.failed)
        await self._follow_pipelines(live)
        self.services = self._services(live, visibility)
        if compiled:  # before anybody waits for a template
            await asyncio.to_thread(compile_all, self.services.templates)
        app = build_app(
            live,
            lambda: self.runtime.catalog.ready,
            services=self.services,
            assets=self._assets,
            further=[
                *action_routes(live, permissions),
                *schedule_routes(live, self.tasks, permissions),
            ],
        )
        await self.events.follow(live)
        await self.tasks.follow(live)
        self.installer.contributed = {
            one.scheme: partial(one.find, live.context(plugin))
            for plugin, one in live.registry.owned(PackageSource)
        }
        self.installer.notices = [
            partial(one.find, live.context(plugin)) for plugin, one in live.registry.owned(PlanNotices)
        ]
        self.live = live
        self._app = app

    async def _follow_pipelines(self, live: Live) -> None:
        """A lake that cannot be opened is told, and keeps the portal from nothing else."""
        context = live.contexts.get(PIPELINES.id)
        settings = context.config if context is not None else None
        try:
            await self.pipelines.follow(
                settings if isinstance(settings, PipelinesSettings) else PipelinesSettings()
            )
        except (LakeError, OSError) as error:
            log.error("usage is not captured", reason=str(error))

    def _marts(self) -> MartReader | None:
        """The marts, once there is a lake."""
        try:
            return self.pipelines.marts
        except LakeError:
            return None

    async def _resource(self, asker: Principal, resource_type: str, ref: str) -> Any:
        """What the rules of a resource type are applied to (JSON, hence Any), if the asker may see it."""
        if resource_type != ENTITY:
            return None
        visibility = self.services.visibility
        if visibility is None:
            return None
        index = (await visibility.queries_for(asker)).index
        row = index.row(ref.lower())
        body = None if row is None else (await index.bodies((row,)))[0]
        return None if body is None else orjson.loads(body)

    async def _entities(self, refs: Sequence[str]) -> list[Any]:
        """Entities (JSON, hence Any) for conditions of permissions, which decide about hidden ones too."""
        index = self.runtime.index
        rows = [index.row(ref.lower()) for ref in refs]
        bodies = iter(await index.bodies([row for row in rows if row is not None]))
        found = [None if row is None else next(bodies) for row in rows]
        return [None if body is None else orjson.loads(body) for body in found]

    def _services(self, live: Live, visibility: Visibility) -> Services:
        """What the pages share."""
        return Services(
            catalog=self.runtime.catalog,
            queries=Queries(self.runtime.index),
            search=self.search,
            preferences=self.preferences,
            model=self.runtime.model,
            config=self._config,
            live=live,
            templates=environment(live.registry.of(Templates), self._assets),
            texts=Texts(live.registry.of(Languages)),
            access=self.access,
            visibility=visibility,
            usage=PageUsage(self.pipelines.capture) if self.pipelines.capture.enabled else None,
            development=os.environ.get("CALLBOARD_DEVELOPMENT") == "1",
        )


async def _starting(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers while the parts are being set to work."""
    if scope["type"] == "http":
        answer = error_answer(scope, ServiceUnavailableError("Service has not started up yet"))
        await answer(scope, receive, send)
