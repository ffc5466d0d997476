from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from callboard.catalog.index import Entry, Index
from callboard.core.http import EXCEPTION_HANDLERS
from callboard.web import live


def put(index: Index, name: str, text: str) -> None:
    body = b'{"kind":"Component","metadata":{"name":"%b","title":"%b"}}' % (name.encode(), text.encode())
    index.put(Entry(f"component:default/{name}", name, body, ()))


async def test_only_a_change_of_the_entity_itself_is_told() -> None:
    index = Index()
    put(index, "a", "one")
    events = live._events(index, "component:default/a")
    assert await anext(events) == b"retry: 1000\n\n"
    waiting = asyncio.ensure_future(anext(events))
    put(index, "b", "another entity")
    await asyncio.sleep(live.POLL * 3)
    assert not waiting.done()
    put(index, "a", "two")
    assert await asyncio.wait_for(waiting, 2) == b"event: changed\ndata: put\n\n"
    waiting = asyncio.ensure_future(anext(events))
    index.remove("component:default/a")
    assert await asyncio.wait_for(waiting, 2) == b"event: changed\ndata: gone\n\n"


async def test_too_many_open_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST", 0)
    app = Starlette(routes=live.live_routes(Index()), exception_handlers=EXCEPTION_HANDLERS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        assert (await client.get("/-/changes?ref=component:default/a")).status_code == 503
