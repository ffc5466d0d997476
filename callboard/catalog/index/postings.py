"""Which entities have which value of a field: the posting lists of the read index.

Most fields of a catalog hold values of one entity only (names, uids, annotations), and many hold a single
value at all (`metadata.tags.java` is only ever `true`), so both shapes avoid bitmaps and dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

Rows = int | BitMap
"""The rows of one value: a plain number while there is one, a bitmap from the second on."""

EMPTY = BitMap()


def _with(rows: Rows | None, row: int) -> Rows:
    if rows is None:
        return row
    if isinstance(rows, int):
        return rows if rows == row else BitMap((rows, row))
    rows.add(row)
    return rows


def _without(rows: Rows, row: int) -> Rows | None:
    if isinstance(rows, int):
        return None if rows == row else rows
    rows.discard(row)
    # Back to the small shape: a hot value that shrinks to one row should not keep its bitmap.
    return rows[0] if len(rows) == 1 else rows


def as_bitmap(rows: Rows | None) -> BitMap:
    """The rows as a bitmap; the caller must not change it."""
    if rows is None:
        return EMPTY
    return BitMap((rows,)) if isinstance(rows, int) else rows


class Field:
    """The posting lists of one key.

    While the field knows a single value, `_only` and `_rows` hold it; `_values` takes over with the second
    value or with the first null, and then `_has` knows every row with the key.
    """

    __slots__ = ("_has", "_only", "_rows", "_values", "_variants", "key")

    def __init__(self, key: str = "") -> None:
        self.key = key
        self._only: str | None = None
        self._rows: Rows | None = None
        self._values: dict[str, Rows] | None = None
        self._has: BitMap | None = None
        self._variants: dict[str, tuple[str, ...]] | None = None

    def add(self, row: int, value: str | None, low: str | None = None) -> bool:
        """Notes that the row has the value; True when the field did not know this value yet.

        `low` is the value in lower case, for callers who have it.
        """
        values = self._values
        if values is None:
            if self._rows is None and value is not None:
                self._only, self._rows = value, row
                self._note_variant(value, low)
                return True
            if value is not None and value == self._only:
                self._rows = _with(self._rows, row)
                return False
            values = self._values = {}
            self._has = BitMap()
            if self._only is not None and self._rows is not None:
                values[self._only] = self._rows
                self._has = as_bitmap(self._rows).copy()
            self._only = self._rows = None
        assert self._has is not None
        self._has.add(row)
        if value is None:
            return False
        known = values.get(value)
        if known is None:
            values[value] = row
            self._note_variant(value, low)
            return True
        if type(known) is BitMap:
            known.add(row)
        else:
            values[value] = _with(known, row)
        return False

    def discard(self, row: int, value: str | None) -> bool:
        """Forgets one value of the row; True when nobody else had that value."""
        if self._values is None:
            assert self._rows is not None
            self._rows = _without(self._rows, row)
            if self._rows is None:
                self._only = self._variants = None
            return self._rows is None
        if value is None:
            return False
        left = _without(self._values[value], row)
        if left is not None:
            self._values[value] = left
            return False
        del self._values[value]
        low = value.lower()
        if low != value and self._variants is not None:
            others = tuple(known for known in self._variants[low] if known != value)
            if others:
                self._variants[low] = others
            else:
                del self._variants[low]
        return True

    def leave(self, row: int) -> None:
        """Forgets that the row has the key at all; to be called when its last value is gone."""
        if self._has is not None:
            self._has.discard(row)

    def _note_variant(self, value: str, low: str | None) -> None:
        low = value.lower() if low is None else low
        if low != value:
            if self._variants is None:
                self._variants = {}
            self._variants[low] = (*self._variants.get(low, ()), value)

    @property
    def empty(self) -> bool:
        return not self._has if self._has is not None else self._rows is None

    @property
    def has(self) -> BitMap:
        """Every row that has the key, with any value or null. Not to be changed."""
        return self._has if self._has is not None else as_bitmap(self._rows)

    def exact(self, value: str) -> Rows | None:
        """The rows with this value in this very case."""
        if self._values is not None:
            return self._values.get(value)
        return self._rows if value == self._only else None

    def like(self, low: str) -> Rows | None:
        """The rows whose value, lower-cased, is this. Not to be changed."""
        rows = self.exact(low)
        if self._variants is None or (others := self._variants.get(low)) is None:
            return rows
        if rows is None and len(others) == 1:
            return self.exact(others[0])
        return BitMap.union(as_bitmap(rows), *(as_bitmap(self.exact(other)) for other in others))

    def items(self) -> Iterator[tuple[str, Rows]]:
        """Every value, in its own case, with its rows."""
        if self._values is not None:
            yield from self._values.items()
        elif self._only is not None and self._rows is not None:
            yield self._only, self._rows

    def __len__(self) -> int:
        return len(self._values) if self._values is not None else int(self._only is not None)
