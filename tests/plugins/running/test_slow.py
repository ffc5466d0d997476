"""A plugin all of whose hooks hang or fail: each is given up, noted against it, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.catalog import runtime
from callboard.catalog.contributions import EntityProcessor, EntityProvider
from callboard.plugins import Plugin, routes
from callboard.plugins.contributions import Event, EventSubscriber, Router, ScheduledTask
from callboard.portal.entity import parts
from callboard.portal.plugins import PLUGINS
from callboard.search import Collator, Document
from callboard.search import service as searching
from callboard.web import site as pages
from callboard.web.contributions import EntityCard, EntityTab, Page
from tests.catalog.nodes import component
from tests.portal.conftest import OpenSite

LIMIT = 0.2


async def hang(*_: object) -> Any:
    await asyncio.sleep(600)


async def refuse(_: Request) -> Response:
    raise HTTPException(418)


async def collate() -> AsyncIterator[Document]:
    await asyncio.sleep(600)
    yield Document("hanging", "x", "x", "/x")


class Hanging:
    """A processor and a provider."""

    name = "hanging"
    pre_process = staticmethod(hang)
    connect = staticmethod(hang)


PLUGIN = Plugin(
    "hanging",
    "Hanging",
    (
        Page("/hanging", hang),
        EntityCard("hanging", "Hanging", "hanging/none.html", hang),
        EntityTab("hanging", "Hanging", "hanging/none.html", hang),
        Router(lambda _: [Route("/wait", hang), Route("/refuse", refuse)]),
        ScheduledTask("hang", hang, every=3600, timeout=LIMIT),
        EventSubscriber("hang", ("tide",), hang, timeout=LIMIT),
        EntityProcessor("Hanging", lambda _: Hanging(), timeout=LIMIT),
        EntityProvider("hanging", lambda _: Hanging()),
        Collator("hanging", collate),
    ),
)
WHERES = {
    "the page /hanging",
    "the card hanging",
    "the tab hanging",
    "GET /api/hanging/wait",
    "the task hang",
    "the subscriber hang",
    "the processor Hanging",
    "the provider hanging",
    "the collator hanging",
}


async def test_hooks_that_hang_are_given_up_and_noted_and_nobody_else_waits(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for what others do meanwhile on a machine that does much else.
    for module, name in (
        (runtime, "CONNECT_SECONDS"),
        (routes, "SECONDS"),
        (searching, "COLLATION"),
        (parts, "SECONDS"),
    ):
        monkeypatch.setattr(module, name, 20 * LIMIT)
    monkeypatch.setattr(pages, "SECONDS", 50 * LIMIT)
    site = await open_site(plugins=[*PLUGINS, PLUGIN])
    await site.give(component("crane"))
    await site.page("/hanging", 503)
    assert "crane" in await site.page("/catalog/default/component/crane")
    await site.client.get("/catalog/default/component/crane/hanging")
    assert (await site.client.get("/api/hanging/wait")).status_code == 503
    assert (await site.client.get("/api/hanging/refuse")).status_code == 418
    site.host.events.publish(Event("tide", {}, {}))
    await site.host.tasks.trigger("hanging", "hang")
    health = site.host.live.health.of("hanging")
    for _ in range(100):
        if {one.where for one in health.incidents} >= WHERES:
            break
        await asyncio.sleep(0.1)
    assert {one.where for one in health.incidents} == WHERES
    assert site.host.live.health.state("hanging") == "unhealthy"
    others = {status.id for status in site.host.live.statuses} - {"hanging"}
    ill = {one: incidents for one in others if (incidents := site.host.live.health.of(one).incidents)}
    assert not ill
    assert "crane" in await site.page("/catalog")
    assert (await site.client.get("/api/search/query?term=crane")).json()["results"]
