"""`/search` and `/search/suggest`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from callboard.portal.searching.state import FILTERS, MAX_TERM, PAGE, read_state
from callboard.web.view import View

SUGGESTED = 8
_TITLES = {"kind": "Kind", "type": "Type", "owner": "Owner", "lifecycle": "Lifecycle"}


async def results(view: View) -> Response:
    """A page of results; a part of it for htmx."""
    state = read_state(view.query.multi_items())
    answer = await view.search.query(state.request())
    context: dict[str, Any] = {  # whatever the template shows
        "state": state,
        "answer": answer,
        "facets": [
            (name, _TITLES[name], _chosen_first(state.filters.get(name, ()), answer.facets.get(name, ())))
            for name in FILTERS
        ],
        "last": (max(answer.total, 1) - 1) // PAGE,
        "page_size": PAGE,
    }
    if view.htmx:
        return await view.fragment("searching/results.html", **context)
    if state.term and not state.page:
        view.note("search", state.term, answer.total)
    search = view.text("Search")
    title = f"{state.term} – {search}" if state.term else search
    return await view.page("searching/search.html", title=title, **context)


def _chosen_first(chosen: tuple[str, ...], counts: Sequence[tuple[str, int]]) -> list[tuple[str, int, bool]]:
    """A facet's values with their counts: those that are chosen first, even where none of them is left."""
    known = dict(counts)
    first = [(value, known.get(value, 0), True) for value in chosen]
    return first + [(value, count, False) for value, count in known.items() if value not in chosen][:12]


async def suggest(view: View) -> Response:
    """The options of the palette; for an empty term, what the visitor visited last."""
    term = view.query.get("term", "")[:MAX_TERM].strip()
    hits = await view.search.suggest(term, SUGGESTED) if term else []
    visits = [] if term else await view.preferences.visited(SUGGESTED)
    visited = [one.entity_ref for one in visits if view.index.row(one.entity_ref) is not None]
    return await view.fragment("searching/suggest.html", term=term, hits=hits, visited=visited)
