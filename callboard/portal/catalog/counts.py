"""Counts what each filter would give: every value with all other filters applied, but not its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import get_args
from zlib import crc32

from callboard.catalog.query import Queries
from callboard.portal.catalog.facets import FACETS, Facet
from callboard.portal.catalog.filters import ORPHANS, Viewer, question
from callboard.portal.catalog.state import State, Whose

SHOWN = 8
UNFOLDED = 200

TitleOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet in lower case, how it is written, and how many entities have it."""

    value: str
    label: str
    count: int
    chosen: bool = False

    def id(self, facet: str) -> str:
        """The id of its element, by which the focus is found again after the list was replaced."""
        return f"{facet}-{crc32(self.value.encode('utf-8', 'replace')):08x}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A facet with the values to offer; `hidden` is how many others there are."""

    facet: Facet
    values: list[Value]
    hidden: int
    unfolded: bool


def kinds(queries: Queries, state: State, viewer: Viewer) -> list[Value]:
    """Every kind with entities, and the chosen one in any case, by name: what `state.of_kind` would give."""
    asked = question(queries.index, state.without("type"), viewer, "kind")
    counted = _merged(queries.facet_counts("kind", asked.where, asked.within), (state.kind,))
    every = Value("all", "All kinds", queries.count(asked.where, asked.within), state.kind == "all")
    known = sorted((one for one in counted if one.value != "all"), key=lambda one: one.label.lower())
    return [
        replace(one, count=total(queries, state, viewer)) if one.chosen else one for one in (*known, every)
    ]


def choices(queries: Queries, state: State, viewer: Viewer, title_of: TitleOf) -> list[Choice]:
    """The facets that can tell the listed entities apart."""
    return [
        made
        for facet in FACETS
        if (made := _choice(queries, state, viewer, facet, title_of)).values
        and (facet.name != "namespace" or len(made.values) > 1 or facet.name in state.chosen)
    ]


def _choice(queries: Queries, state: State, viewer: Viewer, facet: Facet, title_of: TitleOf) -> Choice:
    asked = question(queries.index, state, viewer, facet.name)
    chosen = state.chosen.get(facet.name, ())
    values = _merged(queries.facet_counts(facet.key, asked.where, asked.within), chosen)
    values.sort(key=lambda one: (not one.chosen, -one.count, one.label.lower()))
    unfolded = facet.name in state.unfolded
    shown = values[: max(UNFOLDED if unfolded else SHOWN, len(chosen))]
    if facet.ref:
        shown = [replace(one, label=title_of(one.value)) for one in shown]
    if unfolded:  # a long list is looked through by name
        shown.sort(key=lambda one: (not one.chosen, one.label.lower()))
    return Choice(facet, shown, len(values) - len(shown), unfolded)


def _merged(counts: Iterable[tuple[str, int]], chosen: tuple[str, ...]) -> list[Value]:
    """Values that differ in case only are one, written as most write it; chosen ones are never missing."""
    total: dict[str, int] = dict.fromkeys(chosen, 0)
    label: dict[str, tuple[int, str]] = {value: (0, value) for value in chosen}
    for value, count in counts:
        low = value.lower()
        total[low] = total.get(low, 0) + count
        if count > label.get(low, (0, ""))[0]:
            label[low] = (count, value)
    return [Value(value, label[value][1], count, value in chosen) for value, count in total.items()]


def whose(queries: Queries, state: State, viewer: Viewer) -> list[tuple[Whose, int | None]]:
    """All, owned and starred; None where it is not known who looks."""
    counts: list[tuple[Whose, int | None]] = []
    for one in get_args(Whose):
        unknown = one == "owned" and viewer.owners is None
        counts.append((one, None if unknown else total(queries, replace(state, whose=one), viewer)))
    return counts


def status(queries: Queries, state: State, viewer: Viewer) -> dict[str, int]:
    """How many orphans and how many failing entities the other filters leave."""
    asked = question(queries.index, state, viewer, "orphan")
    orphans = queries.rows(ORPHANS, queries.rows(asked.where, asked.within))
    asked = question(queries.index, state, viewer, "error")
    failing = queries.rows(asked.where, asked.within)
    index = queries.index
    return {
        "orphan": 0 if orphans is None else len(orphans),
        "error": len(index.failing) if failing is None else failing.intersection_cardinality(index.failing),
    }


def total(queries: Queries, state: State, viewer: Viewer) -> int:
    """How many entities a view shows on all its pages."""
    asked = question(queries.index, state, viewer)
    return queries.count(asked.where, asked.within)
