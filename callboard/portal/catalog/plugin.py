"""What the list of entities contributes."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.catalog import actions, pages
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="catalog-pages",
    title="Catalog pages",
    contributions=(
        Page("/catalog", pages.index),
        Page("/catalog/export.csv", pages.export_csv),
        Page("/catalog/export.json", pages.export_json),
        Page("/catalog/columns", actions.columns, methods=("POST",)),
        Page("/catalog/pins", actions.pins, methods=("POST",)),
        Page("/catalog/refresh", actions.refresh, methods=("POST",)),
        NavigationItem("Catalog", "/catalog", "catalog", order=20),
        Templates("catalog", Path(__file__).parent / "templates"),
    ),
)
