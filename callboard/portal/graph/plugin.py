"""What the relation graph adds to the portal."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.graph.address import PATH
from callboard.portal.graph.pages import graph_file, graph_page, has_relations, relations_card, suggestions
from callboard.web.contributions import EntityCard, NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="graph",
    title="Relation graph",
    contributions=(
        Templates("graph", Path(__file__).parent / "templates"),
        Page(PATH, graph_page),
        Page(f"{PATH}.svg", graph_file),
        Page(f"{PATH}/suggest", suggestions),
        NavigationItem("Graph", PATH, "graph", order=40),
        EntityCard(
            "relations-graph",
            "Relations",
            "graph/card.html",
            relations_card,
            has_relations,
            order=60,
            wide=True,
        ),
    ),
)
