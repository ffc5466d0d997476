"""A catalog with a search over it; and an application that answers the search API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from callboard.core.http import EXCEPTION_HANDLERS
from callboard.search import Collator, Search
from callboard.search.api import search_routes
from tests.catalog.nodes import Node, Options, Row, entity, started

StartSearch = Callable[..., Awaitable[Search]]


def component(name: str, description: str = "", *, tags: tuple[str, ...] = (), **spec: Any) -> Row:
    """A component with what search looks at; `title` in `spec` becomes the title."""
    title = spec.pop("title", None)
    spec = {"type": "service", "lifecycle": "production", "owner": "team-a", **spec}
    made = entity("Component", name, **spec)
    made["metadata"] |= {"description": description, "tags": list(tags)}
    if title:
        made["metadata"]["title"] = title
    return made


@pytest.fixture
async def node(database_url: str) -> AsyncIterator[Node]:
    node = await started(database_url, Options())
    yield node
    await node.stop()


@pytest.fixture
async def start_search(node: Node, tmp_path: Path) -> AsyncIterator[StartSearch]:
    """Starts a search over the node, with the collators given; waits until it is whole."""
    running: list[Search] = []

    async def start(*collators: Collator) -> Search:
        runtime = node.runtime
        search = Search(runtime.database, runtime.feed, tmp_path / "search")
        await search.start()
        await search.follow(collators)
        running.append(search)
        await search.caught_up()
        assert search.ready
        return search

    yield start
    for search in running:
        await search.stop()


@pytest.fixture
async def search(start_search: StartSearch) -> Search:
    return await start_search()


@pytest.fixture
async def client(search: Search) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=search_routes(search), exception_handlers=EXCEPTION_HANDLERS)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
