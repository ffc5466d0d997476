"""The whole portal inside a test: a node of the catalog, its search, and an HTTP client of its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from callboard.core.config import load_config
from callboard.host import Host
from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from callboard.testing.portal import BASE, Visitor, client_of
from callboard.web.assets import Assets
from tests.catalog.nodes import Node

__all__ = ["BASE", "Site", "opened"]

ASSETS = Assets()


class Site(Visitor):
    """Somebody who is not signed in, and the node behind the pages."""

    def __init__(self, node: Node, host: Host, client: httpx.AsyncClient) -> None:
        super().__init__(client)
        self.node = node
        self.host = host
        self.search = host.search

    async def give(self, *entities: dict[str, Any]) -> None:
        """All entities of the catalog; returns when pages and search show them."""
        await self.node.give(*entities, guarded=False)
        await self.search.caught_up()

    async def stop(self) -> None:
        await self.client.aclose()
        await self.host.end()


async def opened(
    node: Node, folder: Path, *, plugins: Sequence[Plugin] = PLUGINS, config: Mapping[str, Any] | None = None
) -> Site:
    """The portal over a started node; `config` holds keys of app-config.yaml."""
    settings = load_config(
        [],
        {
            f"APP_CONFIG_{key}": value
            for key, value in {"backend_allowedHosts": '["*"]', **(config or {})}.items()
        },
    )
    host = Host(settings, node.runtime, folder, plugins, assets=ASSETS, log_requests=False)
    await host.begin()
    await node.runtime.whole.wait()
    return Site(node, host, client_of(host))
