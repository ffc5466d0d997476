"""The page `/`."""

from __future__ import annotations

from starlette.responses import Response

from callboard.portal.home.mine import SHOWN, broken, changes, owned
from callboard.web.view import View


async def home(view: View) -> Response:
    """Search and what is the visitor's; in an empty catalog, the way to the first import."""
    if view.catalog.ready and not view.is_bound and not len(view.index):
        return await view.page("home/first.html", title=view.text("Welcome"))
    mine = owned(view)
    visits = [
        visit
        for visit in await view.preferences.visited(SHOWN * 2)
        if view.index.row(visit.entity_ref) is not None
    ]
    return await view.page(
        "home/home.html",
        title=view.text("Home"),
        mine=mine,
        kinds=view.queries.facet_counts("kind"),
        starred=[ref for ref in view.starred if view.index.row(ref) is not None],
        visits=visits[:SHOWN],
        changes=await changes(view, [view.index.ref(row) for row in mine.rows]),
        problems=await broken(view, mine.rows),
        pinned=view.preferences.get("pinned", []),
    )
