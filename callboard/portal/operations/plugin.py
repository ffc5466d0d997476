"""What the operations pages contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.catalog.permissions import OPERATIONS_READ
from callboard.plugins import Plugin
from callboard.portal.operations import decisions, pages
from callboard.portal.operations.pages import for_operators
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="operations",
    title="Operations",
    contributions=(
        Page("/admin", for_operators(pages.overview)),
        Page("/admin/sources", for_operators(pages.sources)),
        Page("/admin/sources/read", for_operators(decisions.read_again), methods=("POST",)),
        Page("/admin/sources/runs", for_operators(pages.runs)),
        Page("/admin/queue", for_operators(pages.queue)),
        Page("/admin/problems", for_operators(pages.problems)),
        Page("/admin/held-back", for_operators(pages.held_back)),
        Page("/admin/held-back", for_operators(decisions.decide), methods=("POST",)),
        Page("/admin/orphans", for_operators(pages.orphans)),
        Page("/admin/orphans", for_operators(decisions.delete_orphans), methods=("POST",)),
        Page("/admin/index", for_operators(pages.index)),
        Page("/admin/index", for_operators(decisions.rebuild), methods=("POST",)),
        NavigationItem("Operations", "/admin", "admin", order=20, section="end", permission=OPERATIONS_READ),
        Templates("operations", Path(__file__).parent / "templates"),
    ),
)
