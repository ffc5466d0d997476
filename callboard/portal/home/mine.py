"""What belongs to some owners: their entities, what changed in these lately, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyroaring import BitMap

from callboard.catalog.history import RecentChange
from callboard.catalog.query.conditions import OneOf
from callboard.web.view import View

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Owned:
    """`counts` are pairs of a kind and how many of it; `refs` the first few by name."""

    rows: BitMap
    counts: Sequence[tuple[str, int]]
    refs: Sequence[str]


def owned(view: View) -> Owned:
    """What the visitor and the visitor's groups own."""
    owners = view.owned_refs
    where = OneOf("relations.ownedby", tuple(owners))
    rows = (view.queries.rows(where) if owners else None) or BitMap()
    names = sorted((view.index.ref(row).rpartition("/")[2], view.index.ref(row)) for row in rows)
    counts = view.queries.facet_counts("kind", where) if rows else []
    return Owned(rows, counts, [ref for _, ref in names[:SHOWN]])


async def changes(view: View, refs: Sequence[str]) -> list[RecentChange]:
    """The latest changes of these entities, newest first."""
    found = await view.catalog.recent_changes(refs, limit=SHOWN) if refs else []
    return [replace(one, changes=view.told(one.changes)) for one in found]


async def broken(view: View, rows: BitMap) -> list[dict[str, Any]]:
    """The problems (JSON as the API serves them, hence Any) of the entities in these rows."""
    mine = [view.index.ref(row) for row in rows & view.index.failing]
    return (await view.catalog.problems_of(mine))[:SHOWN] if mine else []
