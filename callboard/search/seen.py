"""Restricts searches to the documents that somebody may see, before anything is counted.

A document with a `ref` is seen by whoever sees that entity, any other by everybody. Each document carries the
number of its ref, so what may be seen is one set of numbers: that of the visible or of the hidden refs,
whichever is smaller. A set is kept as long as what it is made of does not change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap
from tantivy import Occur, Query

from callboard.catalog.index import Index
from callboard.search.schema import SCHEMA, SEEN

NOBODYS = 0
"""The number of documents without a ref."""
KEPT_SETS = 16  # of 100,000 refs each takes some megabytes
FORGOTTEN_AFTER = 60.0  # seconds; no search that began before a deletion still runs then


@dataclass(frozen=True, slots=True)
class Visible:
    """The entities that somebody may see: `index` is bound to them, `whole` has all."""

    index: Index
    whole: Index

    @property
    def version(self) -> int:
        """Grows whenever a row may stand for another entity."""
        return self.whole.version

    @property
    def rows(self) -> BitMap:
        """What is seen. Not to be changed or kept."""
        return self.index.everything

    def shows(self, ref: str | None) -> bool:
        """Whether a document with this ref may be shown."""
        return ref is None or self.index.row(ref.lower()) is not None

    def hides(self, ref: str) -> bool:
        """Whether there is such an entity that may not be seen."""
        return self.index.hides(ref)


@dataclass(frozen=True, slots=True)
class Within:
    """The clause that a search of what is seen has besides its own."""

    occur: Occur
    query: Query


class Refs:
    """Numbers the refs of all documents in the index. Some may be gone from it, none is missing.

    Numbers that lie close together are found ten times as fast as hashes.
    """

    def __init__(self) -> None:
        self.version = 0
        """Grows with every ref that is new."""
        self._numbers: dict[str, int] = {}
        self._gone: dict[str, float] = {}

    def number(self, ref: str | None) -> int:
        """To be asked before a document is added; 0 for one without a ref."""
        if ref is None:
            return NOBODYS
        ref = ref.lower()
        self._gone.pop(ref, None)
        known = self._numbers.get(ref)
        if known is None:
            self.version += 1
            known = self._numbers[ref] = self.version
        return known

    def gone(self, refs: Iterable[str]) -> None:
        """No document has these refs any more, but a search that runs may still look at one that had."""
        now = time.monotonic()
        for ref in [ref for ref, at in self._gone.items() if now - at > FORGOTTEN_AFTER]:
            del self._gone[ref], self._numbers[ref]
        self._gone.update((ref, now) for ref in refs if ref in self._numbers)

    def numbers(self) -> dict[str, int]:
        """All as they are now."""
        return self._numbers.copy()


class Sets:
    """The clauses made so far, the last used last."""

    def __init__(self, refs: Refs) -> None:
        self._refs = refs
        self._made: list[tuple[int, int, BitMap, Within]] = []

    async def of(self, visible: Visible) -> Within:
        """The clause of what is visible now: up to 50 ms for a new one of 100,000 refs, most in a thread."""
        rows, version, known = visible.rows, visible.version, self._refs.version
        for at, (index_version, refs_version, kept, within) in enumerate(self._made):
            if (index_version, refs_version) == (version, known) and kept == rows:
                self._made.append(self._made.pop(at))
                return within
        rows = rows.copy()
        seen = list(
            map(visible.whole.ref, rows)
        )  # before anything is awaited: rows are given to other entities
        within = await asyncio.to_thread(_clause, seen, self._refs)
        self._made = [one for one in self._made if one[0] == version][1 - KEPT_SETS :]
        self._made.append((version, known, rows, within))
        return within


def _clause(seen: list[str], refs: Refs) -> Within:
    numbers = refs.numbers()
    shown = [number for ref in seen if (number := numbers.pop(ref, None)) is not None]
    if len(numbers) < len(shown):
        return Within(Occur.MustNot, _among(list(numbers.values())))
    return Within(Occur.Must, Query.const_score_query(_among([NOBODYS, *shown]), 0.0))


def _among(numbers: list[int]) -> Query:
    return Query.term_set_query(SCHEMA, SEEN, numbers) if numbers else Query.empty_query()
