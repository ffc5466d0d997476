"""The portal on the test's database: `site` has an empty catalog, `open_site` takes options."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.nodes import Node, Options, started
from tests.portal.site import Site, opened

OpenSite = Callable[..., Awaitable[Site]]


@pytest.fixture
async def open_site(database_url: str, tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Opens a portal; `plugins` and `config` as for `site.opened`, all else are fields of `nodes.Options`."""
    sites: list[tuple[Site, Node]] = []

    async def one(*, plugins: Any = None, config: Any = None, **options: Any) -> Site:
        node = await started(database_url, Options(**options))
        given = {} if plugins is None else {"plugins": plugins}
        site = await opened(node, tmp_path / "search", config=config, **given)
        sites.append((site, node))
        return site

    yield one
    for site, node in sites:
        await site.stop()
        await node.stop()


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    return await open_site()
