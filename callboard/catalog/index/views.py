"""What the index derives from a field when a query first asks for it: sort order, haystack, facet labels."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, KeysView
from dataclasses import dataclass, field

import orjson

from callboard.catalog.index.fulltext import Haystack
from callboard.catalog.index.orders import Order
from callboard.catalog.index.postings import Field

# Reserved names of the two orders that are not fields; no key of a term is empty or holds a line break.
BY_ID = "\nid"
BY_REF = "\nref"

# Clients choose the fields; the cap keeps a client that sorts by a thousand of them from filling the memory.
_MAX_FIELDS = 32


@dataclass(slots=True)
class Touch:
    """What one entity's change does to a field: the values it gains or loses there.

    `gained` and `lost` count those that no other entity has, which the field as a whole gains or loses.
    """

    values: list[str] = field(default_factory=list)
    gained: int = 0
    lost: int = 0

    def note(self, value: str | None, *, gained: bool = False, lost: bool = False) -> None:
        if value is not None:
            self.values.append(value)
        self.gained += gained
        self.lost += lost


@dataclass(slots=True)
class FieldViews:
    """The derived structures of one key; None until asked for."""

    order: Order | None = None
    haystack: Haystack | None = None
    labels: list[tuple[str, bytes]] | None = None


@dataclass(slots=True)
class Views:
    """Derived structures by key, the least recently used key going first."""

    _by_key: OrderedDict[str, FieldViews] = field(default_factory=OrderedDict)

    def of(self, key: str) -> FieldViews:
        views = self._by_key.get(key)
        if views is None:
            views = self._by_key[key] = FieldViews()
            if len(self._by_key) > _MAX_FIELDS:
                self._by_key.popitem(last=False)
        else:
            self._by_key.move_to_end(key)
        return views

    def known(self, key: str) -> FieldViews | None:
        return self._by_key.get(key)

    def forget(self, key: str) -> None:
        self._by_key.pop(key, None)

    def clear(self) -> None:
        self._by_key.clear()

    def enter(self, row: int, entity_id: str, entity_ref: str) -> None:
        """To be told of a row that is new."""
        for name, value in ((BY_ID, entity_id), (BY_REF, entity_ref)):
            views = self._by_key.get(name)
            if views is not None and views.order is not None:
                views.order.add((value, entity_id), row)

    def leave(self, row: int, entity_id: str, entity_ref: str) -> None:
        """To be told of a row that goes, after its fields."""
        for name, value in ((BY_ID, entity_id), (BY_REF, entity_ref)):
            views = self._by_key.get(name)
            if views is not None and views.order is not None:
                views.order.remove((value, entity_id), row)

    def tell(
        self, key: str, touch: Touch, row: int, smallest: tuple[str | None, str | None], entity_id: str
    ) -> None:
        """To be told how a row changed in a field; `smallest` are its values there, before and after."""
        views = self._by_key.get(key)
        if views is None:
            return
        if touch.gained or touch.lost:
            views.labels = None
        if views.haystack is not None:
            views.haystack.changed(touch.values, touch.lost)
        before, after = smallest
        if views.order is not None and before != after:
            if before is not None:
                views.order.remove((before, entity_id), row)
            if after is not None:
                views.order.add((after, entity_id), row)

    def drop_orders(self) -> None:
        for views in self._by_key.values():
            views.order = None

    def order_sizes(self) -> dict[str, int]:
        return {key: len(views.order) for key, views in self._by_key.items() if views.order is not None}

    @property
    def keys(self) -> KeysView[str]:
        """The keys that somebody asked for."""
        return self._by_key.keys()

    def __bool__(self) -> bool:
        return bool(self._by_key)


def haystack_of(views: FieldViews, values: Field) -> Haystack:
    if views.haystack is None or views.haystack.stale:
        views.haystack = Haystack(values)
    return views.haystack


def labels_of(views: FieldViews, values: Field) -> list[tuple[str, bytes]]:
    """The values of a field in display order, each with the beginning of its facet as JSON."""
    if views.labels is None:
        texts = sorted((value for value, _ in values.items()), key=lambda value: (value.lower(), value))
        views.labels = [(text, label(text)) for text in texts]
    return views.labels


def label(value: str) -> bytes:
    """How the facet of a value begins as JSON."""
    return b'{"value":%b,"count":' % orjson.dumps(value)


def field_order(values: Field, entity_id: Callable[[int], str]) -> Order:
    """The order by a field; a row with several values stands at its smallest."""
    smallest: dict[int, str] = {}
    for value, rows in values.items():
        low = value.lower()
        low = value if low == value else low
        for row in (rows,) if isinstance(rows, int) else rows:
            known = smallest.get(row)
            if known is None or low < known:
                smallest[row] = low
    return Order(((low, entity_id(row)), row) for row, low in smallest.items())
