"""What the import pages contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.catalog.permissions import LOCATION_CREATE
from callboard.plugins import Plugin
from callboard.portal.importing import pages
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="importing",
    title="Import",
    contributions=(
        Page("/catalog-import", pages.by_url),
        Page("/catalog-import", pages.register, methods=("POST",)),
        Page("/catalog-import/refresh", pages.refresh, methods=("POST",)),
        Page("/catalog-import/registered", pages.registered),
        Page("/catalog-import/paste", pages.paste),
        Page("/catalog-import/paste", pages.paste_checked, methods=("POST",)),
        Page("/catalog-import/paste/catalog-info.yaml", pages.download, methods=("POST",)),
        NavigationItem("Import", "/catalog-import", "import", order=80, permission=LOCATION_CREATE),
        Templates("importing", Path(__file__).parent / "templates"),
    ),
)
