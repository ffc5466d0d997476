"""The list of events, filtered by what its address says."""

from __future__ import annotations

from starlette.responses import Response

from callboard.access.audit import Audit
from callboard.access.audit.api import AUDIT_READ
from callboard.access.audit.filters import read_filter
from callboard.access.permissions import Permissions
from callboard.access.principals import principal_of
from callboard.web.view import View

ID = "audit-page"
PATH = "/admin/audit"


async def events_page(view: View) -> Response:
    """`/admin/audit`: its query string is that of `GET /api/audit/events`."""
    context = view.plugin(ID)
    await context.get(Permissions).require(principal_of(view.request), AUDIT_READ)
    wanted = read_filter(view.query)
    events, more = await context.get(Audit).store.find(wanted)
    parameters = wanted.parameters()
    return await view.page(
        "audit/events.html",
        title=view.text("Audit log"),
        path=PATH,
        wanted=wanted,
        events=events,
        parameters=parameters,
        narrowed=bool(parameters.keys() - {"q"}),
        older={**parameters, "cursor": str(events[-1].id)} if more else {},
    )
