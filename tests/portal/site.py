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
from tests.catalog.nodes import Node

BASE = "http://portal.example"


class Site:
    """`client` asks for pages as a browser does; it keeps cookies and follows no redirect."""

    def __init__(self, node: Node, host: Host, client: httpx.AsyncClient) -> None:
        self.node = node
        self.host = host
        self.search = host.search
        self.client = client

    async def page(self, path: str, status: int = 200, **headers: str) -> str:
        """The HTML of a page, which must answer with this status."""
        answer = await self.client.get(path, headers=_names(headers))
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    async def post(
        self, path: str, form: Mapping[str, str | list[str]], status: int = 303, **headers: str
    ) -> httpx.Response:
        """Post a form as a page of ours does; a redirect is not followed."""
        answer = await self.client.post(
            path, data=dict(form), headers={"sec-fetch-site": "same-origin", **_names(headers)}
        )
        assert answer.status_code == status, answer.text[:2000]
        return answer

    async def give(self, *entities: dict[str, Any]) -> None:
        """All entities of the catalog; returns when pages and search show them."""
        await self.node.give(*entities, guarded=False)
        await self.search.caught_up()

    async def stop(self) -> None:
        await self.client.aclose()
        await self.host.end()


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names as keyword arguments can be written."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def opened(
    node: Node, folder: Path, *, plugins: Sequence[Plugin] = PLUGINS, config: Mapping[str, Any] | None = None
) -> Site:
    """The portal over a started node; `config` holds keys of app-config.yaml."""
    settings = load_config([], {f"APP_CONFIG_{key}": value for key, value in (config or {}).items()})
    host = Host(settings, node.runtime, folder, plugins, log_requests=False)
    await host.begin()
    await node.runtime.whole.wait()
    headers = {"accept": "text/html,application/xhtml+xml"}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url=BASE, headers=headers)
    return Site(node, host, client)
