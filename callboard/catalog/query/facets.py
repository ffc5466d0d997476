"""Counts how many of some entities have each value of a key, and remembers it until the index changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.views import label
from callboard.catalog.query.conditions import Condition
from callboard.catalog.query.seen import RELATIONS, Seen

MOST = 4096
MOST_BYTES = 32 * 2**20


class Facets:
    """Facets of one index, as the inside of a JSON array of `{"value", "count"}`.

    What is remembered is bounded by number and by size; the oldest goes first. Who may not see everything
    (`seen`) is not told of relations that lead to hidden entities.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[tuple[str, Condition, Seen | None], bytes] = {}
        self._size = 0
        self._version = -1

    def known(self, key: str, where: Condition, seen: Seen | None) -> bytes | None:
        """The facet over the entities that meet a condition, if it is remembered."""
        if self._version != self._index.version:
            self._known.clear()
            self._size = 0
            self._version = self._index.version
        return self._known.get((key, where, seen))

    def keep(
        self, key: str, where: Condition, among: Callable[[Condition], BitMap | None], seen: Seen | None
    ) -> bytes:
        """Counts what `known` does not know, among the rows that `among` gives for the condition."""
        counts = self._known[key, where, seen] = self.count(key, among(where), seen)
        self._size += len(counts)
        while self._size > MOST_BYTES or len(self._known) > MOST:
            self._size -= len(self._known.pop(next(iter(self._known))))
        return counts

    def count(self, key: str, among: BitMap | None, seen: Seen | None) -> bytes:
        """The facet over these rows (None: over all)."""
        return b",".join([b"%b%d}" % (begin, count) for _, begin, count in self._counted(key, among, seen)])

    def pairs(self, key: str, among: BitMap | None, seen: Seen | None) -> list[tuple[str, int]]:
        """The same as values and counts."""
        return [(value, count) for value, _, count in self._counted(key, among, seen)]

    def _counted(self, key: str, among: BitMap | None, seen: Seen | None) -> list[tuple[str, bytes, int]]:
        """Each value with the beginning of its JSON and its count, in display order."""
        field = self._index.fields.get(key)
        if field is None:
            return []
        shown = None if seen is None or not key.startswith(RELATIONS) else seen.target
        if among is not None and len(among) * 4 < len(field):
            return self._few(key, among, shown)
        counts = []
        exact = field.exact
        for value, begin in self._index.labels(key):
            rows = exact(value)
            if isinstance(rows, int):
                count = int(among is None or rows in among)
            elif rows is None:
                count = 0
            else:
                count = len(rows) if among is None else rows.intersection_cardinality(among)
            if count and (shown is None or shown(value)):
                counts.append((value, begin, count))
        return counts

    def _few(
        self, key: str, among: BitMap, shown: Callable[[str], bool] | None
    ) -> list[tuple[str, bytes, int]]:
        """Counts by looking at the entities: better when there are fewer of them than values."""
        counter = Counter(value for row in among for value in self._index.values_of(row, key))
        ordered = sorted(counter.items(), key=lambda item: (item[0].lower(), item[0]))
        return [(value, label(value), count) for value, count in ordered if shown is None or shown(value)]
