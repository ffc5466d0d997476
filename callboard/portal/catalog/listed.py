"""Answers one view of the catalog for one visitor: its rows, its columns, and which filter hides all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callboard.portal.catalog import counts
from callboard.portal.catalog.columns import COLUMNS, Column, columns_for, default_columns
from callboard.portal.catalog.facets import FACETS
from callboard.portal.catalog.filters import Viewer, question
from callboard.portal.catalog.listing import list_rows
from callboard.portal.catalog.state import State, read_columns

if TYPE_CHECKING:
    from callboard.web.view import View


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, with the view without it."""

    title: str
    text: str
    without: State


def viewer_of(view: View) -> Viewer:
    """The visitor as filters see one."""
    owners = None if view.me is None else tuple(view.owned_refs)
    return Viewer(owners, tuple(view.starred))


def rows_of(view: View, state: State, viewer: Viewer, *, every: bool = False) -> tuple[list[int], int]:
    """The rows of the page of a view, or of all its pages, and how many there are on all."""
    index = view.index
    asked = question(index, state, viewer)
    found = view.queries.rows(asked.where, asked.within)
    among = index.everything if found is None else found
    sort = COLUMNS[state.sort].sort
    assert sort is not None  # `read_state` accepts no other
    limit = None if every else state.limit
    offset = 0 if every else state.offset
    rows = list_rows(
        index,
        among,
        sort,
        descending=state.descending,
        offset=offset,
        limit=limit,
        title_of=view.title_of,
    )
    return rows, len(among)


def clamped(state: State, total: int) -> State:
    """The same view with an offset that has rows: the last page instead of one behind it."""
    if state.offset < total or not state.offset:
        return state
    return replace(state, offset=max(0, (total - 1) // state.limit * state.limit) if total else 0)


def columns_of(view: View, state: State) -> tuple[Column, ...]:
    """The columns to show: those of the URL, else what the visitor chose for this kind, else the usual."""
    names = state.columns
    if names is None:
        kept = view.preferences.get(f"columns.{state.kind}")
        names = read_columns(kept) if kept else default_columns(state.kind)
    possible = columns_for(state.kind)
    return tuple(column for column in possible if column.id in names)


def chips(view: View, state: State) -> list[Chip]:
    """Every active filter but the kind."""
    made = []
    if state.whose != "all":
        made.append(Chip("Show", state.whose, state.but(whose="all")))
    for facet in FACETS:
        for value in state.chosen.get(facet.name, ()):
            text = view.title_of(value) if facet.ref else value
            made.append(Chip(facet.title, text, state.without(facet.name, value)))
    if state.orphan:
        made.append(Chip("Status", "orphan", state.but(orphan=False)))
    if state.failing:
        made.append(Chip("Status", "has errors", state.but(failing=False)))
    if state.text:
        made.append(Chip("Text", state.text, state.but(text="")))
    return made


def ways_out(view: View, state: State, viewer: Viewer, active: Sequence[Chip]) -> list[tuple[Chip, int]]:
    """For a view that shows nothing: the filters without which it would show something, and how much."""
    every_kind = Chip("Kind", state.kind, state.but(kind="all"))
    tried = [*active, *([every_kind] if state.kind != "all" else [])]
    found = [(chip, counts.total(view.queries, chip.without, viewer)) for chip in tried[:60]]
    return [(chip, count) for chip, count in found if count]
