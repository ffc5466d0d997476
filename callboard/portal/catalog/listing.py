"""Puts the rows of a list in order, by what its table shows: names by title, references by their titles too.

Rows without a value stand at the end in either direction, and equal ones by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from weakref import WeakKeyDictionary

from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.portal.catalog.columns import Sort
from callboard.web.titles import NAMES

_FEW = 64

# The values of whole fields in order, as of a version of the index, because the titles of thousands of owners
# take long to look up. Titles come from the index, so nothing else makes them stale.
_ORDERED: WeakKeyDictionary[Index, tuple[int, dict[Sort, list[str]]]] = WeakKeyDictionary()


def list_rows(
    index: Index,
    among: BitMap,
    sort: Sort,
    *,
    descending: bool = False,
    offset: int = 0,
    limit: int | None = None,
    title_of: Callable[[str], str] = str,
) -> list[int]:
    """The rows of one page, of all pages without `limit`. `title_of` gives what a reference is shown as."""
    end = len(among) if limit is None else min(len(among), offset + limit)
    if sort.key == NAMES[-1]:
        return _by_name(index, among, offset, end, descending)
    rows: list[int] = []
    passed = 0
    for bucket in _buckets(index, among, sort, descending, title_of):
        size = len(bucket)
        if passed + size > offset and passed < end:
            start = max(0, offset - passed)
            rows += _by_name(index, bucket, start, min(size, end - passed))
        passed += size
        if passed >= end:
            break
    return rows


def _buckets(
    index: Index, among: BitMap, sort: Sort, descending: bool, title_of: Callable[[str], str]
) -> list[BitMap]:
    """The rows of each value, in the order of the values. A row counts at the first of its values."""
    left = among.copy()
    buckets: list[BitMap] = []
    values = _ordered_values(index, among, sort, title_of)
    for value in reversed(values) if descending else values:
        rows = as_bitmap(index.fields[sort.key].exact(value)) & left
        if rows:
            buckets.append(rows)
            left -= rows
    return [*buckets, left] if left else buckets


def _ordered_values(index: Index, among: BitMap, sort: Sort, title_of: Callable[[str], str]) -> Sequence[str]:
    field = index.fields.get(sort.key)
    if field is None:
        return []
    label = title_of if sort.ref else str

    def ordered(values: Iterable[str]) -> list[str]:
        fitting = (value for value in values if value.startswith(sort.prefix))
        return sorted(fitting, key=lambda value: (label(value).lower(), value))

    if len(among) < len(field):
        return ordered({value for row in among for value in index.values_of(row, sort.key)})
    version, known = _ORDERED.get(index, (-1, {}))
    if version != index.version:
        known = {}
        _ORDERED[index] = (index.version, known)
    if sort not in known:
        known[sort] = ordered(value for value, _ in field.items())
    return known[sort]


def _by_name(index: Index, among: BitMap, start: int, end: int, descending: bool = False) -> list[int]:
    """The rows from one place to another of those ordered by name."""
    if len(among) <= _FEW:
        pairs = sorted(((_name(index, row), row) for row in among), reverse=descending)
        return [row for _, row in pairs[start:end]]
    left = among
    keyed: list[tuple[str, int]] = []
    for key in NAMES:
        order = index.order(key)
        if order is None:
            continue
        members = left & order.members
        # Each name comes from an order of its own; what stands before `end` in all stands so in its own.
        places = order.page(members, descending=descending, limit=end)
        keyed += [(order.keys[place][0], order.rows[place]) for place in places]
        left = left - members
    keyed.sort(reverse=descending)
    return [row for _, row in keyed[start:end]]


def _name(index: Index, row: int) -> str:
    for key in NAMES:
        if values := index.values_of(row, key):
            return min(value.lower() for value in values)
    return ""
