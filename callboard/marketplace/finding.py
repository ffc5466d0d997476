"""Finds the rows that a question asks for, in their order, with the facets beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query import Queries
from callboard.marketplace import facets, words
from callboard.marketplace.asked import Browse, Facet, Sort
from callboard.marketplace.model import Collection
from callboard.marketplace.tables import Tables

WEIGHTS = (("spec.categories", 3), ("metadata.tags", 2))
"""How near two listings are for each value that both have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows that a question asks for, whatever its page."""

    rows: NDArray[np.uint32]
    facets: tuple[Facet, ...]


def found(
    queries: Queries, tables: Tables, collections: Mapping[str, tuple[Collection, BitMap]], asked: Browse
) -> Answer:
    """The answer to a question; `collections` are all of them with their members, by reference."""
    base, scores = tables.shown, None
    if asked.text.strip():
        base, scores = words.find(queries.index, tables, asked.text)
    allowed = facets.filters(asked, tables, lambda ref: collections[ref][1] if ref in collections else EMPTY)
    rows = base
    for let_through in allowed.values():
        rows = rows & let_through
    if not asked.archived and "lifecycle" not in allowed:
        rows = rows - tables.archived
    sort = sort_of(asked)
    ordered = tables.sorted(rows, sort, scores if sort == "relevance" else None)
    titled = {ref: (one.title, members) for ref, (one, members) in collections.items()}
    counted = facets.count(queries, tables, asked, base, allowed=allowed, collections=titled)
    return Answer(ordered, counted)


def near(queries: Queries, tables: Tables, row: int, limit: int) -> list[int]:
    """Those that share most categories and tags with a listing, the more popular first."""
    shared = np.zeros(tables.width, dtype=np.int32)
    for key, weight in WEIGHTS:
        for value in queries.index.values_of(row, key):
            shared[tables.current(key, value)] += weight
    shared[row] = 0
    among = np.flatnonzero(shared)
    # One number decides, so that only the first few have to be sorted: what they share, then their place.
    weights = shared[among].astype(np.int64) * tables.width - tables.ranked[among]
    if len(among) > limit:
        first = np.argpartition(weights, -limit)[-limit:]
        among, weights = among[first], weights[first]
    nearest: list[int] = among[np.argsort(-weights)].tolist()
    return nearest


def sort_of(asked: Browse) -> Sort:
    """Without words to find, relevance is popularity."""
    return "popular" if asked.sort == "relevance" and not asked.text.strip() else asked.sort
