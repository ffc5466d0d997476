"""What the entity page contributes: its pages, and its own tabs and cards by the contract of all plugins."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.entity import cards, tabs
from callboard.portal.entity.actions import confirm, refresh, unregister
from callboard.portal.entity.errors import errors_tab, has_errors
from callboard.portal.entity.history import history_tab
from callboard.portal.entity.inspection import download, inspect_tab
from callboard.portal.entity.pages import overview, tab
from callboard.web.contributions import EntityCard, EntityTab, Page, Templates

PATH = "/catalog/{namespace}/{kind}/{name}"

PLUGIN = Plugin(
    id="entity",
    title="Entity pages",
    contributions=(
        Templates("entity", Path(__file__).parent / "templates"),
        Page(PATH, overview),
        Page(f"{PATH}/refresh", refresh, methods=("POST",)),
        Page(f"{PATH}/unregister", confirm),
        Page(f"{PATH}/unregister", unregister, methods=("POST",)),
        Page(PATH + "/entity.{format}", download),
        Page(PATH + "/{tab}", tab),
        EntityTab(
            "dependencies",
            "Dependencies",
            "entity/tables.html",
            tabs.dependencies_tab,
            tabs.has_dependencies,
            order=20,
        ),
        EntityTab("apis", "APIs", "entity/tables.html", tabs.apis_tab, tabs.has_apis, order=30),
        EntityTab(
            "relations",
            "Relations",
            "entity/relations.html",
            tabs.relations_tab,
            tabs.has_relations,
            order=40,
        ),
        EntityTab("history", "History", "entity/history.html", history_tab, order=80),
        EntityTab("errors", "Errors", "entity/errors.html", errors_tab, has_errors, order=5),
        EntityTab("inspect", "Inspect", "entity/inspect.html", inspect_tab, order=90),
        EntityCard("about", "About", "entity/about.html", cards.about_card, order=10),
        EntityCard("links", "Links", "entity/links.html", cards.links_card, cards.has_links, order=30),
        EntityCard("parts", "Has parts", "entity/parts.html", cards.parts_card, cards.has_parts, order=40),
        EntityCard(
            "labels",
            "Labels and annotations",
            "entity/labels.html",
            cards.labels_card,
            cards.has_labels,
            order=90,
            wide=True,
        ),
    ),
)
