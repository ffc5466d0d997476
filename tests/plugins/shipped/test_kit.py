"""The test kit, with a small plugin that uses each kind of contribution it has a short way for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from callboard.catalog.contributions import EntityProcessor
from callboard.core.errors import ConfigError, InputError
from callboard.plugins import Plugin, PluginContext
from callboard.plugins.contributions import Event, EventSubscriber, ScheduledTask
from callboard.plugins.storage import PluginStorage
from callboard.testing import CatalogUnderTest, PortalUnderTest, UnhealthyEntityError
from callboard.testing.portal import opened
from callboard.web.contributions import Page
from callboard.web.view import View

if TYPE_CHECKING:
    from playwright.async_api import Page as BrowserPage


class Settings(BaseModel):
    tag: str = "tide"


class Tagging:
    name = "TideProcessor"

    def __init__(self, tag: str) -> None:
        self._tag = tag

    async def pre_process(self, entity: dict[str, Any], context: object) -> dict[str, Any]:
        if entity["metadata"]["name"] == "wreck":
            raise InputError("it has sunk")
        return {**entity, "metadata": {**entity["metadata"], "tags": [self._tag]}}


async def count(context: PluginContext) -> None:
    storage = context.get(PluginStorage)
    await storage.set("runs", (await storage.get("runs") or 0) + 1)


async def fail(context: PluginContext) -> None:
    raise RuntimeError("the tide is out")


async def keep(context: PluginContext, event: Event) -> None:
    await context.get(PluginStorage).set("event", event.payload)


async def page(view: View) -> Any:
    return await view.error(200, "High water", str(view.me))


TIDES = Plugin(
    "tides",
    "Tides",
    (
        EntityProcessor("TideProcessor", lambda context: Tagging(context.settings(Settings).tag)),
        ScheduledTask("count", count, every=0.01),
        ScheduledTask("fail", fail, every=3600),
        EventSubscriber("keep", ("tides",), keep),
        Page("/tides", page),
    ),
    config=Settings,
)


@pytest.fixture
def plugins() -> Sequence[Plugin]:
    return (TIDES,)


@pytest.fixture
def portal_config() -> Mapping[str, Any]:
    return {"tides": {"tag": "ebb"}, "app": {"title": "Harbour"}}


def ship(name: str, kind: str = "Component") -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
    }


async def test_the_catalog_processes_an_entity_with_the_plugin(catalog: CatalogUnderTest) -> None:
    final = await catalog.process(ship("lamp"))
    assert final["metadata"]["tags"] == ["ebb"]
    assert {"type": "ownedBy", "targetRef": "group:default/crew"} in final["relations"]


async def test_the_catalog_says_what_is_wrong_with_an_entity(catalog: CatalogUnderTest) -> None:
    with pytest.raises(UnhealthyEntityError, match="it has sunk"):
        await catalog.process(ship("wreck"))


async def test_the_portal_shows_what_was_given_and_no_longer_what_was_taken(portal: PortalUnderTest) -> None:
    await portal.give(ship("lamp"), ship("buoy"))
    text = await portal.page("/catalog/default/component/lamp")
    assert "Harbour" in text
    assert "ebb" in text
    await portal.take("component:default/lamp")
    await portal.page("/catalog/default/component/lamp", 404)
    assert await portal.entity("component:default/buoy") is not None


async def test_a_task_runs_when_the_test_says_so_and_only_then(portal: PortalUnderTest) -> None:
    await asyncio.sleep(0.1)
    assert await portal.storage("tides").get("runs") is None
    await portal.run_task("count")
    assert await portal.storage("tides").get("runs") == 1
    with pytest.raises(LookupError):
        await portal.run_task("unknown")


async def test_a_failure_of_a_task_is_raised_and_counts_against_the_plugin(portal: PortalUnderTest) -> None:
    with pytest.raises(RuntimeError, match="the tide is out"):
        await portal.run_task("fail")
    assert portal.health("tides").failures == 1


async def test_an_event_reaches_its_subscriber(portal: PortalUnderTest) -> None:
    portal.publish("tides", {"height": 3})
    async with asyncio.timeout(5):
        while await portal.storage("tides").get("event") != {"height": 3}:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def test_a_page_can_be_seen_as_a_user(portal: PortalUnderTest) -> None:
    ann = await portal.as_user("user:default/ann", groups=["group:default/crew"])
    assert "user:default/ann" in await ann.page("/tides")
    assert "user:default/ann" not in await portal.page("/tides")


async def test_a_plugin_that_cannot_go_live_fails_the_test_with_its_mistake(tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match=r"app-config.yaml.*tides.tag"):
        async with opened(tmp_path, (TIDES,), {"tides": {"tag": 3}}):
            pass


async def test_a_browser_opens_the_page_of_the_plugin(browser_page: BrowserPage) -> None:
    await browser_page.goto("/tides")
    assert await browser_page.locator("h1").inner_text() == "High water"
