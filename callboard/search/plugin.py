"""What the search contributes: its API."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from callboard.access.principals import Principal
from callboard.catalog.visibility import Visibility
from callboard.core.config import Config
from callboard.plugins import Need, Plugin, PluginContext
from callboard.plugins.contributions import Router
from callboard.search.api import search_routes
from callboard.search.seen import Visible
from callboard.search.service import Search


def _routes(context: PluginContext) -> Sequence[BaseRoute]:
    config, visibility = context.get(Config), context.get(Visibility)

    async def sees(principal: Principal) -> Visible | None:
        queries = await visibility.queries_for(principal)
        return Visible(queries.index, visibility.queries.index) if queries.tag else None

    return search_routes(
        context.get(Search),
        "",
        sees=sees,
        max_page_limit=config.integer("search.maxPageLimit", 100),
        max_term_length=config.integer("search.maxTermLength", 100),
    )


PLUGIN = Plugin(
    id="search",
    title="Search",
    description="Finds entities, and whatever plugins collate.",
    needs=(
        Need("search", "It is the search."),
        Need("catalog.read", "Finds what the catalog holds."),
        Need("identity", "Finds what each may see."),
    ),
    contributions=(Router(_routes),),
)
