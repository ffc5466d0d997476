"""The catalog's API as an application, over whatever answers for the catalog."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from callboard.app import build_app
from callboard.catalog.index import Index
from callboard.catalog.plugin import PLUGIN
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.core.config import Config, load_config
from callboard.core.http_edge import Edge
from callboard.plugins import Offers, PluginContext, Registry
from callboard.plugins.live import Live


def api_of(catalog: Catalog, index: Index) -> Starlette:
    """Requests of it are those of everyone: there is no sign-in."""
    offers = Offers()
    offers.offer(Catalog, catalog)
    offers.offer(Queries, Queries(index))
    offers.offer(Config, load_config([], {}))
    live = Live(Registry([PLUGIN]), {PLUGIN.id: PluginContext(PLUGIN, None, offers)}, (), offers)
    return build_app(live, lambda: catalog.ready, middleware=[Middleware(Edge, log_requests=False)])
