from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from callboard.core.http import EXCEPTION_HANDLERS
from callboard.web import live
from tests.catalog.nodes import Row
from tests.portal.conftest import OpenSite, open_site
from tests.portal.site import Site

__all__ = ["open_site"]


def component(name: str, title: str) -> Row:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": name,
            "title": title,
            "annotations": {
                "backstage.io/managed-by-location": "url:https://example.org/a.yaml",
                "backstage.io/managed-by-origin-location": "url:https://example.org/a.yaml",
            },
        },
        "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
    }


async def opened(open_site: OpenSite, *entities: Row) -> Site:
    site = await open_site()
    await site.give(*entities)
    return site


async def test_only_a_change_of_the_entity_itself_is_told(open_site: OpenSite) -> None:
    site = await opened(open_site, component("a", "one"))
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
    events = live._events(site.host.services, request, "component:default/a")
    assert await anext(events) == b"retry: 1000\n\n"
    waiting = asyncio.ensure_future(anext(events))
    await site.give(component("a", "one"), component("b", "another entity"))
    await asyncio.sleep(live.POLL * 3)
    assert not waiting.done()
    await site.give(component("a", "two"), component("b", "another entity"))
    assert await asyncio.wait_for(waiting, 20) == b"event: changed\ndata: put\n\n"
    waiting = asyncio.ensure_future(anext(events))
    await site.give(component("b", "another entity"))
    assert await asyncio.wait_for(waiting, 20) == b"event: changed\ndata: gone\n\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_too_many_open_pages_are_refused(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = await open_site()
    monkeypatch.setattr(live, "MOST", 0)
    app = Starlette(routes=live.live_routes(site.host.services), exception_handlers=EXCEPTION_HANDLERS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        assert (await client.get("/-/changes?ref=component:default/a")).status_code == 503
