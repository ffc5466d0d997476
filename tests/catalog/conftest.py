"""A catalog that runs inside the test: `start()` gives a node on the test's database, stopped afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.catalog.nodes import Node, Options, started

Start = Callable[..., Awaitable[Node]]


@pytest.fixture
async def start(database_url: str) -> AsyncIterator[Start]:
    """Starts a node; keyword arguments are the fields of `nodes.Options`."""
    nodes: list[Node] = []

    async def one(**options: Any) -> Node:
        node = await started(database_url, Options(**options))
        nodes.append(node)
        return node

    yield one
    for node in nodes:
        await node.stop()


@pytest.fixture
async def node(start: Start) -> Node:
    return await start()
