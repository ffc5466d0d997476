"""What the operations pages contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.operations import decisions, pages
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="operations",
    title="Operations",
    contributions=(
        Page("/admin", pages.overview),
        Page("/admin/sources", pages.sources),
        Page("/admin/sources/read", decisions.read_again, methods=("POST",)),
        Page("/admin/sources/runs", pages.runs),
        Page("/admin/queue", pages.queue),
        Page("/admin/problems", pages.problems),
        Page("/admin/held-back", pages.held_back),
        Page("/admin/held-back", decisions.decide, methods=("POST",)),
        Page("/admin/orphans", pages.orphans),
        Page("/admin/orphans", decisions.delete_orphans, methods=("POST",)),
        Page("/admin/index", pages.index),
        Page("/admin/index", decisions.rebuild, methods=("POST",)),
        NavigationItem("Operations", "/admin", "admin", order=20, section="end"),
        Templates("operations", Path(__file__).parent / "templates"),
    ),
)
