"""The page `/organisation`: the tree of groups, and those who do not stand in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref
from callboard.portal.organisation.branches import Growth, seek
from callboard.portal.organisation.organisation import Organisation, organisation
from callboard.portal.organisation.ownership import united
from callboard.portal.organisation.people import SHOWN, Listed, asked_offset, by_name, person
from callboard.web.templating import query_string
from callboard.web.view import View

PATH = "/organisation"
MAX_LENGTH = 100
VIEWS = ("tree", "parentless", "loose")


@dataclass(frozen=True, slots=True)
class Numbers:
    """What stands above the tree."""

    groups: int
    users: int
    owned: int
    parentless: int
    loose: int


async def page(view: View) -> Response:
    """`?root=` shows what is below one group, `?filter=` the branches that hold a text, `?show=` lists."""
    whole = organisation(view.index)
    if not whole.members and not whole.users:
        return await view.page("organisation/empty.html", title=view.text("Organisation"))
    chosen = view.query.get("show", "")
    chosen = chosen if chosen in VIEWS else VIEWS[0]
    root: int | None = None
    if (asked := view.query.get("root")) is not None and chosen == VIEWS[0]:
        root = group_row(view, whole, asked)
        if root is None:
            return await view.not_found(f"There is no group {asked[:200]} in the catalog.")
    text = " ".join(view.query.get("filter", "")[:MAX_LENGTH].split())
    context: Mapping[str, Any] = {  # what the templates need, hence Any
        "chosen": chosen,
        "text": text,
        "root": None,
        "way": (),
        "url": _urls(view),
        **_SHOWN[chosen](view, whole, root, text),
    }
    if view.htmx:
        return await view.fragment("organisation/found.html", **context)
    return await view.page(
        "organisation/page.html",
        title=view.text("Organisation"),
        numbers=numbers(whole),
        path=PATH,
        **context,
    )


async def branch(view: View) -> Response:
    """The child groups of one group as a list, which unfolding a branch asks for."""
    whole = organisation(view.index)
    root = group_row(view, whole, view.query.get("root", ""))
    if root is None:
        return await view.not_found("There is no such group in the catalog any more.")
    growth = Growth(view.index, whole, _title(view))
    children = growth.ordered(whole.tree.children[root])
    return await view.fragment(
        "organisation/branch.html",
        ref=view.index.ref(root),
        branches=growth.branches(children[:SHOWN], root),
        hidden=max(len(children) - SHOWN, 0),
    )


def group_row(view: View, whole: Organisation, ref: str) -> int | None:
    """The row of the group that a text refers to, in whatever case; None where there is none."""
    try:
        row = view.index.row(str(parse_ref(ref, default_kind="group")))
    except InputError:
        return None
    return row if row in whole.members else None


def numbers(whole: Organisation) -> Numbers:
    """How many there are; entities that several groups own count once."""
    owned = united(whole.all_owned[top] for top in whole.tree.tops)
    return Numbers(len(whole.members), len(whole.users), len(owned), len(whole.alone), len(whole.loose))


def _tree(view: View, whole: Organisation, root: int | None, text: str) -> Mapping[str, Any]:
    title = _title(view)
    sought = seek(view.index, whole, text) if text and root is None else None
    growth = Growth(view.index, whole, title, sought)
    rows = growth.ordered(whole.tree.tops if root is None else whole.tree.children[root])
    offset = asked_offset(view.query.get("offset"))
    listed = Listed(rows[offset : offset + SHOWN], offset, len(rows))
    branches, above = growth.branches(listed.rows, root), None
    if root is not None:
        # Those on other pages of its children count as little as those that are not there.
        above = replace(growth.branch(root), children=branches, total=len(branches), open=True)
    way = () if root is None else [view.index.ref(row) for row in whole.tree.way_up(root)]
    return {
        "listed": listed,
        "branches": branches if above is None else [above],
        "root": above,
        "way": way,
        "found": 0 if sought is None else len(sought.found),
    }


def _parentless(view: View, whole: Organisation, root: int | None, text: str) -> Mapping[str, Any]:
    growth = Growth(view.index, whole, _title(view))
    rows = growth.ordered(whole.alone)
    offset = asked_offset(view.query.get("offset"))
    listed = Listed(rows[offset : offset + SHOWN], offset, len(rows))
    return {"listed": listed, "groups": [growth.branch(row) for row in listed.rows]}


def _loose(view: View, whole: Organisation, root: int | None, text: str) -> Mapping[str, Any]:
    listed = by_name(view.queries, whole.loose, asked_offset(view.query.get("offset")))
    title = _title(view)
    return {"listed": listed, "people": [person(view.index, row, title(row)) for row in listed.rows]}


_SHOWN: Mapping[str, Callable[[View, Organisation, int | None, str], Mapping[str, Any]]] = {
    "tree": _tree,
    "parentless": _parentless,
    "loose": _loose,
}


def _title(view: View) -> Callable[[int], str]:
    known: dict[int, str] = {}  # sorting and showing ask for the same names

    def title(row: int) -> str:
        if row not in known:
            known[row] = view.title_of(view.index.ref(row))
        return known[row]

    return title


def _urls(view: View) -> Callable[[int], str]:
    """Addresses of the same page from another offset on."""

    def url(offset: int) -> str:
        kept = [(key, value) for key, value in view.query.multi_items() if key != "offset"]
        return PATH + query_string([*kept, ("offset", str(offset))] if offset else kept)

    return url
