"""The read index as one who may not see everything sees it: hidden rows are as if they were not there.

`SeenIndex` is an `Index` that cannot be changed, so whatever reads an index can be given one. Each of its
answers is taken from the whole index and reduced to the rows that meet a condition.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import orjson
from pyroaring import BitMap

from callboard.catalog.index import Entry, Index
from callboard.catalog.index.bodies import Admits
from callboard.catalog.index.fulltext import Haystack
from callboard.catalog.index.orders import Key, Order
from callboard.catalog.index.postings import Field, Rows
from callboard.catalog.query.compile import Matcher
from callboard.catalog.query.conditions import Condition
from callboard.catalog.query.holding import holds

RELATIONS = "relations."
ORDERS_KEPT = 32
"""Orders that are remembered for one condition; fields are named by those who ask."""
_numbers = itertools.count(1)


class Seen:
    """The rows that meet a condition, kept until the index changes. `tag` tells it from every other."""

    def __init__(self, index: Index, matcher: Matcher, condition: Condition) -> None:
        self.condition = condition
        self.tag = f"-{next(_numbers):x}"
        self._index = index
        self._matcher = matcher
        self._version = -1
        self._rows = BitMap()
        self._orders: dict[str, SeenOrder | None] = {}

    @property
    def rows(self) -> BitMap:
        """The rows as of now. Not to be changed or kept."""
        if self._version != self._index.version:
            self._rows = self._matcher.rows(self.condition)
            self._orders.clear()
            self._version = self._index.version
        return self._rows

    def order(self, key: str) -> SeenOrder | None:
        """The order of the rows by a field, as of now; None when none of them has the field."""
        rows = self.rows
        try:
            return self._orders[key]
        except KeyError:
            whole = self._index.order(key)
            shown = whole is not None and whole.members.intersect(rows)
            found = SeenOrder(whole, self) if whole is not None and shown else None
            if len(self._orders) < ORDERS_KEPT:
                self._orders[key] = found
            return found

    def admits(self, body: bytes) -> bool:
        """Whether an entity may be seen, by its serialized form."""
        return holds(self.condition, orjson.loads(body))

    def target(self, ref: str) -> bool:
        """Whether the name of a relation's target may be told: it may be seen, or there is no such entity.

        What was removed a moment ago is judged as it was: the relations that led to it go later.
        """
        low = ref.lower()
        row = self._index.row(low)
        if row is not None:
            return row in self.rows
        body = self._index.left_lately(low)
        return body is None or (body != b"" and self.admits(body))


class SeenIndex(Index):
    """Shows the rows of `seen` only, and no relation that leads to a hidden entity."""

    def __init__(self, index: Index, seen: Seen) -> None:
        # Not that of Index: it would make an empty index; whatever is not defined below fails.
        self._whole = index
        self._seen = seen

    @property
    def version(self) -> int:
        return self._whole.version

    def version_of(self, *kinds: str) -> int:
        return self._whole.version_of(*kinds)

    @property
    def fields(self) -> Mapping[str, Field]:
        return SeenFields(self._whole, self._seen)

    @property
    def everything(self) -> BitMap:
        return self._seen.rows

    @property
    def failing(self) -> BitMap:
        return self._whole.failing & self._seen.rows

    def __len__(self) -> int:
        return len(self._seen.rows)

    def row(self, entity_ref: str) -> int | None:
        return self._shown(self._whole.row(entity_ref))

    def row_of_id(self, entity_id: str) -> int | None:
        return self._shown(self._whole.row_of_id(entity_id))

    def left_lately(self, entity_ref: str) -> bytes | None:
        return None if self.hides(entity_ref) else self._whole.left_lately(entity_ref)

    def hides(self, entity_ref: str) -> bool:
        return not self._seen.target(entity_ref)

    def _shown(self, row: int | None) -> int | None:
        return row if row is not None and row in self._seen.rows else None

    # What is asked of a hidden row is answered as for a row that no entity has.

    def ref(self, row: int) -> str:
        return self._whole.ref(row) if row in self._seen.rows else ""

    def entity_id(self, row: int) -> str:
        return self._whole.entity_id(row) if row in self._seen.rows else ""

    def parents(self, row: int) -> tuple[str, ...]:
        if row not in self._seen.rows:
            return ()
        return tuple(ref for ref in self._whole.parents(row) if self._seen.target(ref))

    def relations(self, row: int) -> list[tuple[str, str]]:
        if row not in self._seen.rows:
            return []
        return [one for one in self._whole.relations(row) if self._seen.target(one[1])]

    def values_of(self, row: int, key: str) -> list[str]:
        if row not in self._seen.rows:
            return []
        values = self._whole.values_of(row, key)
        return [one for one in values if self._seen.target(one)] if key.startswith(RELATIONS) else values

    def having(self, key: str) -> BitMap:
        return self._whole.having(key) & self._seen.rows

    def haystack(self, key: str) -> Haystack | None:
        if not self.having(key):
            return None
        found = self._whole.haystack(key)
        return None if found is None else SeenHaystack(found, self._seen)

    def labels(self, key: str) -> list[tuple[str, bytes]]:
        field = self.fields.get(key)
        if field is None:
            return []
        return [one for one in self._whole.labels(key) if field.exact(one[0]) is not None]

    def order(self, key: str) -> Order | None:
        return self._seen.order(key)

    def stream(
        self, rows: Sequence[int], size: int = 500, *, admits: Admits | None = None
    ) -> AsyncIterator[list[bytes]]:
        shown = [row for row in rows if row in self._seen.rows]
        return self._whole.stream(shown, size, admits=admits or self._seen.admits)

    async def bodies(self, rows: Iterable[int], *, admits: Admits | None = None) -> list[bytes | None]:
        wanted = list(rows)
        seen = self._seen.rows
        if all(row in seen for row in wanted):
            return await self._whole.bodies(wanted, admits=admits or self._seen.admits)
        shown = [row for row in wanted if row in seen]
        places = [row in seen for row in wanted]
        found = iter(await self._whole.bodies(shown, admits=admits or self._seen.admits))
        return [next(found) if shown_here else None for shown_here in places]

    def stats(self) -> dict[str, Any]:
        """How many entities are seen; sizes of the whole index are not told."""
        return {"entities": len(self), "version": self.version}

    def put(self, entry: Entry) -> NoReturn:
        raise TypeError("what one visitor sees of the index cannot be changed")

    def put_many(self, entries: Sequence[Entry]) -> NoReturn:
        raise TypeError("what one visitor sees of the index cannot be changed")

    def remove(self, entity_ref: str) -> NoReturn:
        raise TypeError("what one visitor sees of the index cannot be changed")

    def clear(self) -> NoReturn:
        raise TypeError("what one visitor sees of the index cannot be changed")


class SeenFields(Mapping[str, Field]):
    """The fields that some seen row has."""

    def __init__(self, index: Index, seen: Seen) -> None:
        self._index = index
        self._seen = seen

    def __getitem__(self, key: str) -> Field:
        field = self._index.fields[key]
        if not field.has.intersect(self._seen.rows):
            raise KeyError(key)
        return SeenField(field, self._seen, targets=key.startswith(RELATIONS))

    def __iter__(self) -> Iterator[str]:
        return (key for key, field in self._index.fields.items() if field.has.intersect(self._seen.rows))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class SeenField(Field):
    """The values of one key among seen rows; of relations (`targets`) without those to hidden entities."""

    __slots__ = ("_seen", "_targets", "_whole")

    def __init__(self, whole: Field, seen: Seen, *, targets: bool) -> None:
        self._whole = whole
        self._seen = seen
        self._targets = targets

    def _shown(self, value: str, rows: Rows | None) -> Rows | None:
        if rows is None or (self._targets and not self._seen.target(value)):
            return None
        if isinstance(rows, int):
            return rows if rows in self._seen.rows else None
        return rows & self._seen.rows or None

    @property
    def empty(self) -> bool:
        return not self.has

    @property
    def has(self) -> BitMap:
        return self._whole.has & self._seen.rows

    def exact(self, value: str) -> Rows | None:
        return self._shown(value, self._whole.exact(value))

    def like(self, low: str) -> Rows | None:
        return self._shown(low, self._whole.like(low))

    def items(self) -> Iterator[tuple[str, Rows]]:
        for value, rows in self._whole.items():
            shown = self._shown(value, rows)
            if shown is not None:
                yield value, shown

    def __len__(self) -> int:
        return sum(1 for _ in self.items())

    def add(self, row: int, value: str | None, low: str | None = None) -> NoReturn:
        raise TypeError("what one visitor sees of the index cannot be changed")

    def discard(self, row: int, value: str | None) -> NoReturn:
        raise TypeError("what one visitor sees of the index cannot be changed")


class SeenHaystack(Haystack):
    """Finds values of seen rows: who searches by a value that only hidden entities have finds nothing."""

    def __init__(self, whole: Haystack, seen: Seen) -> None:
        self._whole = whole
        self._seen = seen

    @property
    def stale(self) -> bool:
        return self._whole.stale

    def contains(self, pattern: str) -> BitMap:
        return self._whole.contains(pattern) & self._seen.rows

    def begins(self, prefix: str) -> BitMap:
        return self._whole.begins(prefix) & self._seen.rows


class SeenOrder(Order):
    """An order of which pages show seen rows only; places are those of the whole order."""

    __slots__ = ("_seen", "_whole")

    def __init__(self, whole: Order, seen: Seen) -> None:
        self._whole = whole
        self._seen = seen
        self.keys = whole.keys
        self.rows = whole.rows
        self.members = whole.members & seen.rows

    def __len__(self) -> int:
        return len(self.members)

    def start(self, after: Key | None, *, descending: bool) -> int:
        return self._whole.start(after, descending=descending)

    def page(
        self,
        among: BitMap | None,
        *,
        after: Key | None = None,
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[int]:
        shown = self.members if among is None else among & self.members
        return self._whole.page(shown, after=after, descending=descending, offset=offset, limit=limit)
