"""What the forms of the list do: choose columns, pin views, refresh entities."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.responses import Response

from callboard.core.errors import InputError
from callboard.portal.catalog.listed import rows_of, viewer_of
from callboard.portal.catalog.pages import back
from callboard.portal.catalog.pins import pinned, unpinned
from callboard.portal.catalog.state import EVERY_KIND, State, read_columns, read_state
from callboard.web.view import View

AT_ONCE = 500  # entities marked in one transaction, so that other writers get their turn


async def columns(view: View) -> Response:
    """`POST /catalog/columns`: show these `column`s of the `query`'s kind, or on `reset` the usual ones."""
    form = await view.form()
    state = _state(form)
    known = {value.lower() for value, _ in view.queries.facet_counts("kind")}
    if state.kind not in (*known, EVERY_KIND):
        raise InputError(f"There is no entity of a kind {state.kind}")
    chosen = None if "reset" in form else list(read_columns(form.get("column", [])))
    await view.preferences.set(f"columns.{state.kind}", chosen)
    return await view.redirect(replace(state, columns=None).url())


async def pins(view: View) -> Response:
    """`POST /catalog/pins`: keep the view `query` under `title`, or `remove` the one of that query."""
    form = await view.form()
    kept = view.preferences.get("pinned", [])
    if "remove" in form:
        changed = unpinned(kept, form["remove"][0])
        target = view.came_from("/catalog")
    else:
        query = form.get("query", [""])[0]
        changed = pinned(kept, form.get("title", [""])[0], query)
        target = _state(form).url()
    await view.preferences.set("pinned", changed)
    return await view.redirect(target)


async def refresh(view: View) -> Response:
    """`POST /catalog/refresh`: read again the entities `ref`, or with `scope=all` all of the view `query`."""
    form = await view.form()
    state = _state(form)
    if form.get("scope", [""])[-1] == "all":
        rows, _ = rows_of(view, state, viewer_of(view), every=True)
        refs = [view.index.ref(row) for row in rows]
    else:
        refs = list(dict.fromkeys(ref.lower() for ref in form.get("ref", [])))
    count = 0
    for start in range(0, len(refs), AT_ONCE):
        count += await view.catalog.refresh_many(refs[start : start + AT_ONCE])
    if view.htmx:
        return await view.fragment("catalog/refreshed.html", refreshed=count)
    return await view.redirect(back(state.query(), refreshed=str(count)))


def _state(form: dict[str, list[str]]) -> State:
    return read_state(parse_qsl(form.get("query", [""])[0], keep_blank_values=True))
