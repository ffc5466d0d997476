"""What the page of the audit log contributes."""

from __future__ import annotations

from pathlib import Path

from callboard.access.audit.api import AUDIT_READ
from callboard.plugins import Need, Plugin
from callboard.portal.audit.pages import ID, PATH, events_page
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id=ID,
    title="Audit log page",
    description="Who did what, when, from where, and how it ended.",
    needs=(Need("identity", "Reads the audit log, for those who may."),),
    contributions=(
        Page(PATH, events_page),
        NavigationItem("Audit log", PATH, "history", order=21, section="end", permission=AUDIT_READ),
        Templates("audit", Path(__file__).parent / "templates"),
    ),
)
