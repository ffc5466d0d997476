"""Turns a view of the catalog into what the queries understand: a condition, and rows to stay within."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.ingest.final import ORPHAN
from callboard.catalog.query.conditions import EVERYTHING, AllOf, Condition, OneOf
from callboard.portal.catalog.facets import FACETS
from callboard.portal.catalog.state import EVERY_KIND, State
from callboard.web.titles import NAMES

ORPHANS = OneOf(f"metadata.annotations.{ORPHAN}", ("true",))
TEXT_FIELDS = (*NAMES, "metadata.tags")
_WILD = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """What "owned" and "starred" mean: the refs whose entities are owned, and the refs that are starred.

    `owners` is None for somebody who has not said who they are.
    """

    owners: tuple[str, ...] | None = None
    starred: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Question:
    """The entities that match `where`, none of them outside `within`."""

    where: Condition
    within: BitMap | None


def question(index: Index, state: State, viewer: Viewer, leaving: str = "") -> Question:
    """What a view asks. `leaving` names a filter that is left aside: `kind`, `user`, `text` or a facet."""
    parts: list[Condition] = []
    if leaving != "kind" and state.kind != EVERY_KIND:
        parts.append(OneOf("kind", (state.kind,)))
    if leaving != "user" and state.whose == "owned":
        parts.append(OneOf("relations.ownedby", viewer.owners or ()))
    for facet in FACETS:
        if facet.name != leaving and (values := state.chosen.get(facet.name)):
            parts.append(OneOf(facet.key, values))
    if state.orphan and leaving != "orphan":
        parts.append(ORPHANS)
    within: list[BitMap] = []
    if leaving != "user" and state.whose == "starred":
        rows = (index.row(ref) for ref in viewer.starred)
        within.append(BitMap([row for row in rows if row is not None]))
    if state.failing and leaving != "error":
        within.append(index.failing)
    if state.text and leaving != "text":
        within += [_containing(index, word) for word in state.text.lower().split()]
    where = EVERYTHING if not parts else parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    return Question(where, BitMap.intersection(*within) if within else None)


def _containing(index: Index, word: str) -> BitMap:
    """The rows with a word in their names or tags."""
    pattern = word.translate(_WILD)
    haystacks = (index.haystack(key) for key in TEXT_FIELDS)
    return BitMap.union(BitMap(), *(one.contains(pattern) for one in haystacks if one is not None))
