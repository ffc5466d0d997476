"""What the search pages contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.searching.pages import results, suggest
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="searching",
    title="Search",
    contributions=(
        Page("/search", results),
        Page("/search/suggest", suggest),
        NavigationItem("Search", "/search", "search", order=15),
        Templates("searching", Path(__file__).parent / "templates"),
    ),
)
