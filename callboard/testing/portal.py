"""A whole portal inside a test: the product's host over SQLite, and short ways to ask and to look at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from callboard.catalog.ingest.contract import Entity
from callboard.catalog.runtime import Runtime
from callboard.core.config import Config
from callboard.host import Host
from callboard.plugins import Plugin
from callboard.plugins.contributions import Event, ScheduledTask
from callboard.plugins.health import PluginHealth
from callboard.plugins.storage import PluginStorage
from callboard.portal.plugins import PLUGINS
from callboard.testing.catalog import demand_live, entity_of, given_to
from callboard.testing.setup import MAX_SECONDS, config_of, runtime_of

BASE = "http://portal.example"
ACCEPT = "text/html,application/xhtml+xml"


class Visitor:
    """Somebody with a browser: keeps cookies, follows no redirect. `client` is an httpx client."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def page(self, path: str, status: int = 200, **headers: str) -> str:
        """The HTML of a page, which must answer with this status. `hx_request="true"` sends hx-request."""
        answer = await self.client.get(path, headers=_names(headers))
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer.text

    async def post(
        self, path: str, form: Mapping[str, str | list[str]], status: int = 303, **headers: str
    ) -> httpx.Response:
        """Post a form as a page of the portal does; a redirect is not followed."""
        sent = {"sec-fetch-site": "same-origin", **_names(headers)}
        answer = await self.client.post(path, data=dict(form), headers=sent)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer


class PortalUnderTest(Visitor):
    """The visitor who is not signed in, and everything behind the pages."""

    def __init__(self, host: Host, config: Config, client: httpx.AsyncClient, open_: AsyncExitStack) -> None:
        super().__init__(client)
        self.host = host
        self.config = config
        self._open = open_

    @property
    def runtime(self) -> Runtime:
        return self.host.runtime

    # The catalog

    async def give(self, *entities: Entity) -> None:
        """Add or replace entities; returns when pages and search show them."""
        await given_to(self.runtime, entities)
        await self.host.search.caught_up()

    async def take(self, *refs: str) -> None:
        """Take entities away again."""
        await given_to(self.runtime, (), refs)
        await self.host.search.caught_up()

    async def entity(self, ref: str) -> Entity | None:
        """The final entity, whoever may see it."""
        return await entity_of(self.runtime, ref)

    # The plugin under test

    async def run_task(self, id: str, plugin: str = "") -> None:
        """Run a scheduled task now, to its end; tasks of a test do not run by the clock.

        `plugin` is needed when several plugins have a task of this id. Raises what the task raises.
        """
        live = self.host.live
        for owner, task in live.registry.owned(ScheduledTask):
            if task.id == id and plugin in ("", owner.id):
                work = task.run(live.context(owner))
                await live.health.guarded(owner.id, f"the task {id}", work, task.timeout)
                return
        raise LookupError(f"no plugin that runs has a task {id}")

    def publish(self, topic: str, payload: Any, **metadata: str) -> None:
        """Hand an event (JSON, hence Any) to the subscribers of its topic."""
        self.host.events.publish(Event(topic, payload, metadata))

    def storage(self, plugin: str) -> PluginStorage:
        """What the plugin keeps."""
        return PluginStorage(self.runtime.database, plugin)

    def health(self, plugin: str) -> PluginHealth:
        """What of the plugin failed or was slow."""
        return self.host.live.health.of(plugin)

    # People

    async def as_user(self, ref: str, groups: Sequence[str] | None = None) -> Visitor:
        """The portal as a user sees it. Without `groups` the user is a member of what the catalog says."""
        tokens = self.host.access.identity.tokens
        if groups is None:
            token, _ = await tokens.issue_user_token(ref, ())
        else:
            token, _ = await tokens.issue_user_token(ref, (ref.lower(), *groups), live=False)
        client = client_of(self.host, authorization=f"Bearer {token}")
        return Visitor(await self._open.enter_async_context(client))


def client_of(host: Host, **headers: str) -> httpx.AsyncClient:
    """A client that asks the portal for pages, as a browser does."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(host), base_url=BASE, headers={"accept": ACCEPT, **headers}
    )


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names as keyword arguments can be written."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


@asynccontextmanager
async def opened(
    folder: Path, plugins: Sequence[Plugin], given: Mapping[str, Any]
) -> AsyncIterator[PortalUnderTest]:
    """A started portal. Raises ConfigError when a plugin under test cannot go live."""
    backend = {"allowedHosts": ["*"], **(given.get("backend") or {})}
    config = config_of(folder, {**given, "backend": backend})
    host = Host(
        config, runtime_of(config, folder), folder / "search", (*PLUGINS, *plugins), log_requests=False
    )
    async with AsyncExitStack() as open_:
        open_.push_async_callback(host.stop)
        await host.start()
        await host.tasks.stop()  # a test says when they run
        demand_live(host.live, plugins)
        await asyncio.wait_for(host.runtime.whole.wait(), MAX_SECONDS)
        client = await open_.enter_async_context(client_of(host))
        yield PortalUnderTest(host, config, client, open_)
