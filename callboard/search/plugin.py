"""What the search contributes: its API."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from callboard.core.config import Config
from callboard.plugins import Need, Plugin, PluginContext
from callboard.plugins.contributions import Router
from callboard.search.api import search_routes
from callboard.search.service import Search


def _routes(context: PluginContext) -> Sequence[BaseRoute]:
    config = context.get(Config)
    return search_routes(
        context.get(Search),
        "",
        max_page_limit=config.integer("search.maxPageLimit", 100),
        max_term_length=config.integer("search.maxTermLength", 100),
    )


PLUGIN = Plugin(
    id="search",
    title="Search",
    description="Finds entities, and whatever plugins collate.",
    needs=(Need("search", "It is the search."), Need("catalog.read", "Finds what the catalog holds.")),
    contributions=(Router(_routes),),
)
