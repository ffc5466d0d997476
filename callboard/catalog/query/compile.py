"""Answers a condition with the rows it holds for."""

from __future__ import annotations

from collections import OrderedDict

from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.postings import EMPTY, Field, as_bitmap
from callboard.catalog.query.conditions import AllOf, AnyOf, Begins, Condition, Exists, Not, OneOf

_CACHED = 1024


class Matcher:
    """Compiles conditions against one index and remembers the answers until the index changes."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._version = -1
        self._known: OrderedDict[Condition | tuple[Condition, str], BitMap] = OrderedDict()

    def rows(self, condition: Condition) -> BitMap:
        """The rows that match. The bitmap may be the index's own: not to be changed or kept."""
        self._follow()
        rows = self._known.get(condition)
        return self._keep(condition, match_rows(self._index, condition)) if rows is None else rows

    def rows_among(self, condition: Condition, among: BitMap, tag: str) -> BitMap:
        """The rows that match among others that `tag` stands for until the index changes."""
        self._follow()
        key = condition, tag
        rows = self._known.get(key)
        return self._keep(key, self.rows(condition) & among) if rows is None else rows

    def _follow(self) -> None:
        if self._version != self._index.version:
            self._known.clear()
            self._version = self._index.version

    def _keep(self, key: Condition | tuple[Condition, str], rows: BitMap) -> BitMap:
        self._known[key] = rows
        if len(self._known) > _CACHED:
            self._known.popitem(last=False)
        return rows


def match_rows(index: Index, condition: Condition) -> BitMap:
    """The rows that match a condition; may be a bitmap of the index itself."""
    match condition:
        case OneOf(key, values):
            field = index.fields.get(key)
            return EMPTY if field is None else _one_of(field, values)
        case Exists(key):
            return index.having(key)
        case Begins(key, prefix):
            haystack = index.haystack(key)
            return EMPTY if haystack is None else haystack.begins(prefix)
        case Not(part):
            return index.everything - match_rows(index, part)
        case AnyOf(parts):
            return _union([match_rows(index, part) for part in parts])
        case AllOf(parts):
            return _all_of(index, parts)


def _union(parts: list[BitMap]) -> BitMap:
    return parts[0] if len(parts) == 1 else BitMap.union(*parts) if parts else EMPTY


def _one_of(field: Field, values: tuple[str, ...]) -> BitMap:
    if len(values) == 1:
        return as_bitmap(field.like(values[0]))
    single: list[int] = []
    shared: list[BitMap] = []
    for value in values:
        rows = field.like(value)
        if isinstance(rows, int):
            single.append(rows)
        elif rows is not None:
            shared.append(rows)
    return BitMap.union(BitMap(single), *shared)


def _all_of(index: Index, parts: tuple[Condition, ...]) -> BitMap:
    wanted = sorted((match_rows(index, part) for part in parts if not isinstance(part, Not)), key=len)
    rows = index.everything if not wanted else wanted[0]
    for other in wanted[1:]:
        rows = rows & other
    for part in parts:
        if isinstance(part, Not):
            rows = rows - match_rows(index, part.part)
    return rows
