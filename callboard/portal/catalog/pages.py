"""The list of entities and its export."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from callboard.catalog.permissions import ENTITY_REFRESH, LOCATION_CREATE
from callboard.portal.catalog import counts, export
from callboard.portal.catalog.columns import columns_for
from callboard.portal.catalog.filters import Viewer
from callboard.portal.catalog.listed import chips, clamped, columns_of, rows_of, viewer_of, ways_out
from callboard.portal.catalog.pins import plain
from callboard.portal.catalog.rows import table_rows
from callboard.portal.catalog.state import LIMITS, PATH, State, read_state
from callboard.web.shapes import whole_number
from callboard.web.view import View

# What `?done=` says after an entity was removed on its own page.
DONE = {
    "unregister": "It is unregistered; what only its location brought in goes along.",
    "delete": "It is deleted.",
}
_MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


async def index(view: View) -> Response:
    """`GET /catalog`: the page, or for htmx the list with its filters."""
    state = read_state(view.query.multi_items())
    viewer = viewer_of(view)
    rows, total = rows_of(view, state, viewer)
    if not rows and total:
        state = clamped(state, total)
        rows, total = rows_of(view, state, viewer)
    context = await _context(view, state, viewer, rows, total)
    if not view.htmx:
        return await view.page("catalog/index.html", title=view.text("Catalog"), **context)
    answer = await view.fragment("catalog/fragment.html", **context)
    answer.headers["hx-push-url"] = state.url()
    return answer


async def _context(view: View, state: State, viewer: Viewer, rows: list[int], total: int) -> dict[str, Any]:
    choices = counts.choices(view.queries, state, viewer, view.title_of)
    columns = columns_of(view, state)
    active = chips(view, state)
    query = plain(state.query())
    pins = view.preferences.get("pinned", [])
    return {
        "state": state,
        "total": total,
        "rows": table_rows(view.index, await view.entities(rows), columns, view.starred, view.title_of),
        "columns": columns,
        "column_ids": tuple(column.id for column in columns),
        "possible": columns_for(state.kind),
        "kinds": counts.kinds(view.queries, state, viewer),
        "whose": counts.whose(view.queries, state, viewer),
        "processing": counts.status(view.queries, state, viewer),
        "choices": choices,
        "chips": active,
        "ways_out": ways_out(view, state, viewer, active) if not total else [],
        "pins": pins,
        "pin": next((pin for pin in pins if pin["query"] == query), None),
        "query": query,
        "limits": LIMITS,
        "done": DONE.get(view.query.get("done", ""), ""),
        "may_refresh": await view.possible(ENTITY_REFRESH),
        "may_import": await view.allowed(LOCATION_CREATE),
        "refreshed": whole_number(view.query.get("refreshed")),
    }


async def export_csv(view: View) -> Response:
    """`GET /catalog/export.csv`: every entity of the view, on all its pages."""
    return await _export(view, "csv")


async def export_json(view: View) -> Response:
    """`GET /catalog/export.json`: the same as an array of objects."""
    return await _export(view, "json")


async def _export(view: View, form: str) -> Response:
    state = read_state(view.query.multi_items())
    rows, _ = rows_of(view, state, viewer_of(view), every=True)
    columns = columns_of(view, state)
    write = export.as_csv if form == "csv" else export.as_json
    name = f"catalog-{state.kind}" if state.kind.isascii() and state.kind.isalnum() else "catalog"
    headers = {
        "content-disposition": f'attachment; filename="{name}.{form}"',
        "cache-control": "private, no-store",
    }
    return StreamingResponse(write(view.bodies(rows), columns), media_type=_MEDIA[form], headers=headers)


def back(query: str, **added: str) -> str:
    """The path of a view that was posted from, with what is to be told there."""
    text = "&".join(filter(None, (query, urlencode(added))))
    return f"{PATH}?{text}" if text else PATH
