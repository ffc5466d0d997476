"""The read index: every final entity in memory, arranged so that no question needs the database.

It only knows rows, terms and bytes; what a filter means is `catalog/query`, where changes come from is the
change feed. Everything here runs on the event loop, so a caller with many entries passes them in chunks.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

import orjson
from pyroaring import BitMap

from callboard.catalog.index.bodies import Admits, Bodies, Loader, chunked
from callboard.catalog.index.entry import Entry
from callboard.catalog.index.fulltext import Haystack
from callboard.catalog.index.orders import Order
from callboard.catalog.index.postings import EMPTY, Field
from callboard.catalog.index.related import Related, has_errors
from callboard.catalog.index.terms import Terms, flatten, smallest, values_in
from callboard.catalog.index.views import BY_ID, BY_REF, Touch, Views, field_order, haystack_of, labels_of

LATELY = 60.0
"""How long, in seconds, the relations of others may take to follow what was removed."""


class Index:
    """Entities by row."""

    def __init__(self, *, max_body_bytes: int = 256 * 1024 * 1024, loader: Loader | None = None) -> None:
        # Without a loader an evicted body would be lost, so everything stays.
        self._max_body_bytes = max_body_bytes if loader is not None else sys.maxsize
        self._loader = loader
        self._version = 0
        self._reset()

    def _reset(self) -> None:
        self._changed: dict[str, int] = {}
        self._emptied = self._version
        self._fields: dict[str, Field] = {}
        self._everything = BitMap()
        self._failing = BitMap()
        self._rows: dict[str, int] = {}
        self._rows_by_id: dict[str, int] = {}
        self._refs: list[str] = []
        self._ids: list[str] = []
        self._parents: list[tuple[str, ...]] = []
        self._terms: list[Terms] = []
        self._free: list[int] = []
        self._bodies = Bodies(self._max_body_bytes)
        self._shared: dict[str, str] = {}
        self._views = Views()
        self._related = Related()
        self._left: dict[str, tuple[float, bytes]] = {}  # when each was removed, the earliest first
        self._term_count = 0

    # ---- changes

    def put(self, entry: Entry) -> None:
        """Adds an entity, or replaces the one with the same reference."""
        self.put_many((entry,))

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Adds or replaces entities; about 50 µs each. They are visible together, when the call returns."""
        if len(entries) > max(200, len(self._rows) // 20):
            self._views.drop_orders()
        for entry in entries:
            self._put(entry)
        self._version += 1
        self._forget_left()

    def remove(self, entity_ref: str) -> bool:
        """Removes an entity; False when there is none."""
        row = self._rows.get(entity_ref)
        if row is None:
            return False
        body = self._bodies.get_many([row])[0] or b""
        self._remove(row)
        self._version += 1
        self._left.pop(entity_ref, None)
        self._left[entity_ref] = monotonic(), body
        self._forget_left()
        return True

    def _forget_left(self) -> None:
        now = monotonic()
        while self._left and now - self._left[first := next(iter(self._left))][0] > LATELY:
            del self._left[first]

    def left_lately(self, entity_ref: str) -> bytes | None:
        """What an entity was that was removed a moment ago, so that relations to it may still stand.

        None when no such entity was removed; empty when its body had left memory.
        """
        at, body = self._left.get(entity_ref, (0.0, None))
        return body if monotonic() - at <= LATELY else None

    def hides(self, entity_ref: str) -> bool:
        """Whether nothing may be told of an entity, in this view of the index, although it is there."""
        return False

    def clear(self) -> None:
        """Forgets everything, as before a rebuild."""
        self._version += 1
        self._reset()

    def _put(self, entry: Entry) -> None:
        entity: dict[str, Any] = orjson.loads(entry.body)
        found = flatten(entity)
        row = self._rows.get(entry.entity_ref)
        if row is not None and self._ids[row] != entry.entity_id:
            self._remove(row)  # deleted and born again under the same name: every order holds the old id
            row = None
        other = self._rows_by_id.get(entry.entity_id)
        if other is not None and other != row:
            self._remove(other)
        if row is None:
            row = self._new_row(entry)
        self._changed[entry.entity_ref.partition(":")[0]] = self._version + 1
        self._parents[row] = tuple(self._share(parent) for parent in entry.parents)
        self._bodies.put(row, entry.body)
        self._related.note(row, entity.get("relations"))
        (self._failing.add if has_errors(entity) else self._failing.discard)(row)
        self._set_terms(row, found)

    def _new_row(self, entry: Entry) -> int:
        if self._free:
            row = self._free.pop()
            self._refs[row], self._ids[row] = entry.entity_ref, entry.entity_id
        else:
            row = len(self._refs)
            self._refs.append(entry.entity_ref)
            self._ids.append(entry.entity_id)
            self._parents.append(())
            self._terms.append(())
        self._rows[entry.entity_ref] = row
        self._rows_by_id[entry.entity_id] = row
        self._everything.add(row)
        self._views.enter(row, entry.entity_id, entry.entity_ref)
        return row

    def _remove(self, row: int) -> None:
        entity_ref, entity_id = self._refs[row], self._ids[row]
        self._changed[entity_ref.partition(":")[0]] = self._version + 1
        self._set_terms(row, {})
        self._views.leave(row, entity_id, entity_ref)
        del self._rows[entity_ref], self._rows_by_id[entity_id]
        self._everything.discard(row)
        self._failing.discard(row)
        self._related.forget(row)
        self._bodies.drop(row)
        self._refs[row], self._ids[row], self._parents[row] = "", "", ()
        self._free.append(row)

    def _share(self, text: str) -> str:
        return self._shared.setdefault(text, text)

    def _set_terms(self, row: int, found: dict[tuple[str, str | None], str | None]) -> None:
        """Replaces the terms of a row, touching only what differs."""
        old_terms = self._terms[row]
        old = {pair: pair for pair in zip(old_terms[::2], old_terms[1::2], strict=True)}
        terms: list[str | None] = []
        touched: dict[str, Touch] = {}
        fields, shared, views = self._fields, self._shared, self._views
        viewed = views.keys
        for (key, low), value in found.items():
            if old and (pair := old.pop((key, value), None)) is not None:
                terms += pair  # the old strings, which the posting lists share
                continue
            field = fields.get(key)
            if field is None:
                field = fields[key] = Field(shared.setdefault(key, key))
            text = value if value is None else shared.get(value, value)
            new_to_field = field.add(row, text, low)
            if not new_to_field and text is not None and text is value:
                shared[text] = text  # the second entity with this value: worth sharing from now on
            if key in viewed:
                touched.setdefault(key, Touch()).note(text, gained=new_to_field)
            terms += (field.key, text)
        new_keys = set(terms[::2]) if old else set()
        for gone, value in old:
            assert gone is not None
            field = fields[gone]
            lost_to_field = field.discard(row, value)
            if gone not in new_keys:
                field.leave(row)
            if gone in viewed:
                touched.setdefault(gone, Touch()).note(value, lost=lost_to_field)
        self._term_count += (len(terms) - len(old_terms)) // 2
        self._terms[row] = tuple(terms)
        for key, touch in touched.items():
            before, after = smallest(old_terms, key), smallest(self._terms[row], key)
            views.tell(key, touch, row, (before, after), self._ids[row])
        for gone in {key for key, _ in old if key is not None and fields[key].empty}:
            del fields[gone]
            views.forget(gone)

    # ---- questions

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def version_of(self, *kinds: str) -> int:
        """Grows with every change of an entity of these kinds, which are in lower case."""
        return max(self._emptied, *(self._changed.get(kind, 0) for kind in kinds))

    @property
    def fields(self) -> Mapping[str, Field]:
        """What is known of each key."""
        return self._fields

    @property
    def everything(self) -> BitMap:
        """Every row. Not to be changed."""
        return self._everything

    @property
    def failing(self) -> BitMap:
        """The rows that have errors. Not to be changed."""
        return self._failing

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, entity_ref: str) -> int | None:
        """The row of an entity by its exact, lower-case reference."""
        return self._rows.get(entity_ref)

    def row_of_id(self, entity_id: str) -> int | None:
        return self._rows_by_id.get(entity_id)

    def ref(self, row: int) -> str:
        return self._refs[row]

    def entity_id(self, row: int) -> str:
        return self._ids[row]

    def parents(self, row: int) -> tuple[str, ...]:
        return self._parents[row]

    def relations(self, row: int) -> list[tuple[str, str]]:
        """The relations of an entity as `(type, target ref)`, without a look at its body."""
        return self._related.of(row, self._terms[row])

    def having(self, key: str) -> BitMap:
        """Rows with the key, whatever its value. Like every bitmap given out here: not to be changed."""
        field = self._fields.get(key)
        return EMPTY if field is None else field.has

    def haystack(self, key: str) -> Haystack | None:
        """Search inside the values of a field; None when no entity has the field."""
        field = self._fields.get(key)
        return None if field is None else haystack_of(self._views.of(key), field)

    def labels(self, key: str) -> list[tuple[str, bytes]]:
        """The values of a field in display order, each with the JSON its facet begins with."""
        field = self._fields.get(key)
        return [] if field is None else labels_of(self._views.of(key), field)

    def values_of(self, row: int, key: str) -> list[str]:
        """The values one entity has for a key."""
        return values_in(self._terms[row], key)

    def order(self, key: str) -> Order | None:
        """The order by a field, or BY_ID, or BY_REF; None when no entity has the field."""
        if key not in (BY_ID, BY_REF):
            field = self._fields.get(key)
            if field is None:
                return None
            views = self._views.of(key)
            if views.order is None:
                views.order = field_order(field, self._ids.__getitem__)
            return views.order
        views = self._views.of(key)
        if views.order is None:
            names = self._ids if key == BY_ID else self._refs
            views.order = Order(((names[row], self._ids[row]), row) for row in self._rows.values())
        return views.order

    def stream(
        self, rows: Sequence[int], size: int = 500, *, admits: Admits | None = None
    ) -> AsyncIterator[list[bytes]]:
        """Bodies in chunks, as of this moment; of evicted ones those deleted meanwhile are left out.

        `admits` judges the bodies that have to be loaded: they may be newer than the rows.
        """
        # Now, not when the first chunk is asked for: until then rows may be given to other entities.
        found = self._bodies.get_many(rows)
        missing = {at: self._ids[rows[at]] for at, body in enumerate(found) if body is None}
        return chunked(found, missing, size, self._loader, admits)

    async def bodies(self, rows: Iterable[int], *, admits: Admits | None = None) -> list[bytes | None]:
        """The bodies of rows, in their order. None for an entity that was deleted while its body was read.

        `admits` judges the bodies that have to be loaded, as in `stream`; others of them are None.
        """
        rows = list(rows)
        found = self._bodies.get_many(rows)
        if None in found:
            await self._load(rows, found, admits)
        return found

    async def _load(self, rows: list[int], found: list[bytes | None], admits: Admits | None) -> None:
        if self._loader is None:
            return
        # Rows may be given to other entities while we wait, so what is missing is noted by id.
        missing = {self._ids[row]: at for at, row in enumerate(rows) if found[at] is None}
        version = self._version
        loaded = await self._loader(list(missing))
        for entity_id, at in missing.items():
            body = loaded.get(entity_id)
            # What was read before a change may be older than the change: it answers, but is not kept.
            if body is not None and version == self._version:
                self._bodies.put(rows[at], body)
            found[at] = body if body is None or admits is None or admits(body) else None

    def stats(self) -> dict[str, Any]:
        """Sizes, for metrics and `/healthcheck`."""
        return {
            "entities": len(self._rows),
            "terms": self._term_count,
            "fields": len(self._fields),
            "body_bytes": self._bodies.size,
            "evicted": self._bodies.evicted,
            "version": self._version,
            "orders": self._views.order_sizes(),
        }
