"""What the insights contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.insights import pages
from callboard.insights.api import INSIGHTS_READ, insights_routes
from callboard.plugins import Need, Plugin
from callboard.plugins.contributions import Router
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id=pages.ID,
    title="Insights",
    description="How the portal is used and how its catalog grows: charts, tables, CSV and JSON.",
    needs=(Need("identity", "Asks who may see the numbers."),),
    contributions=(
        INSIGHTS_READ,
        Router(insights_routes, root=True),
        Page("/insights", pages.insights),
        NavigationItem("Insights", "/insights", "insights", order=60, permission=INSIGHTS_READ),
        Templates(pages.ID, Path(__file__).parent / "templates"),
    ),
)
