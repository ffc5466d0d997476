"""The catalog's API as an application, over whatever answers for the catalog."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.access.principals import OPEN, SCOPE_KEY, Principal
from callboard.app import build_app
from callboard.catalog.index import Index
from callboard.catalog.plugin import PLUGIN
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.catalog.visibility import Visibility, open_to_all
from callboard.core.config import Config, load_config
from callboard.core.http_edge import Edge
from callboard.plugins import Offers, PluginContext, Registry
from callboard.plugins.live import Live


class As:
    """Lets every request come from `principal`, which a test may change."""

    def __init__(self, app: ASGIApp, principal: Principal = OPEN) -> None:
        self._app = app
        self.principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, SCOPE_KEY: self.principal}, receive, send)


def api_of(catalog: Catalog, index: Index, visibility: Visibility | None = None) -> Starlette:
    """Requests of it are those of everyone, unless `As` stands before it."""
    queries = Queries(index)
    offers = Offers()
    offers.offer(Catalog, catalog)
    offers.offer(Queries, queries)
    offers.offer(Visibility, visibility or open_to_all(queries))
    offers.offer(Config, load_config([], {}))
    live = Live(Registry([PLUGIN]), {PLUGIN.id: PluginContext(PLUGIN, None, offers)}, (), offers)
    return build_app(live, lambda: catalog.ready, middleware=[Middleware(Edge, log_requests=False)])
