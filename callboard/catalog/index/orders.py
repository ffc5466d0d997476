"""One sort order of the catalog: rows by value and entity id, patched as entities change.

A row without a value is not in the order, because Backstage leaves such entities out of sorted answers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

Key = tuple[str, str]
"""Lower-cased value and entity id: what a cursor carries."""

_WALK_COST = 8  # one step of a walk costs about as much as ranking this many rows


class Order:
    """Rows in ascending order of their keys."""

    __slots__ = ("_ranks", "keys", "members", "rows")

    def __init__(self, pairs: Iterable[tuple[Key, int]]) -> None:
        ordered = sorted(pairs)
        self.keys: list[Key] = [key for key, _ in ordered]
        self.rows = array("I", [row for _, row in ordered])
        self.members = BitMap(self.rows)
        self._ranks: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, key: Key, row: int) -> None:
        place = bisect_left(self.keys, key)
        self.keys.insert(place, key)
        self.rows.insert(place, row)
        self.members.add(row)
        self._ranks = None

    def remove(self, key: Key, row: int) -> None:
        place = bisect_left(self.keys, key)
        del self.keys[place]
        del self.rows[place]
        self.members.discard(row)
        self._ranks = None

    def ranks(self) -> NDArray[np.int32]:
        """The place of each row, by row number; meaningless for rows that are not members."""
        if self._ranks is None:
            rows = np.array(self.rows, dtype=np.int32)
            self._ranks = np.zeros(int(rows.max(initial=0)) + 1, dtype=np.int32)
            self._ranks[rows] = np.arange(len(rows), dtype=np.int32)
        return self._ranks

    def start(self, after: Key | None, *, descending: bool) -> int:
        """The first place behind a key in reading direction (for descending: one past it)."""
        if descending:
            return len(self.keys) if after is None else bisect_left(self.keys, after)
        return 0 if after is None else bisect_right(self.keys, after)

    def page(
        self,
        among: BitMap | None,
        *,
        after: Key | None = None,
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[int]:
        """Places (indexes into `keys` and `rows`) of the wanted rows, in reading direction.

        `among` None means every member; otherwise it must be a subset of `members`.
        """
        start = self.start(after, descending=descending)
        total = len(self.keys)
        if among is None or len(among) == total:
            places = range(start - 1, -1, -1) if descending else range(start, total)
            return list(places[offset:] if limit is None else places[offset : offset + limit])
        count = len(among)
        if count == 0 or limit == 0:
            return []
        wanted = count if limit is None else min(count, offset + limit)
        if wanted * total * _WALK_COST < count * count:
            return self._walk(among, start, descending, offset, wanted)
        return self._rank(among, start, descending, offset, limit)

    def _walk(self, among: BitMap, start: int, descending: bool, offset: int, wanted: int) -> list[int]:
        """Steps along the order until enough rows are met: good when the filter lets many pass."""
        rows, places = self.rows, []
        for place in range(start - 1, -1, -1) if descending else range(start, len(rows)):
            if rows[place] in among:
                places.append(place)
                if len(places) == wanted:
                    break
        return places[offset:]

    def _rank(self, among: BitMap, start: int, descending: bool, offset: int, limit: int | None) -> list[int]:
        """Looks up the places of all matching rows: good when few match, or the page lies deep."""
        matching = np.frombuffer(among.to_array(), dtype=np.uint32)
        places = self.ranks()[matching]
        if descending:
            places = places[places < start] if start < len(self.rows) else places
        elif start > 0:
            places = places[places >= start]
        end = len(places) if limit is None else min(len(places), offset + limit)
        if end <= offset:
            return []
        if end < len(places) // 4:
            cut = len(places) - end if descending else end - 1
            places = np.partition(places, cut)
            places = places[cut:] if descending else places[: cut + 1]
        places = np.sort(places)
        if descending:
            places = places[::-1]
        page: list[int] = places[offset:end].tolist()
        return page
