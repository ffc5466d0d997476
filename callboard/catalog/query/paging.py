"""One page of by-query: which rows it holds, how many match, and the cursors to its neighbours.

The rules are those of contract note A1: one sort field, rows without it left out, the entity id breaks ties
in the same direction, and the total is counted once and then carried by the cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.orders import Key, Order
from callboard.catalog.index.views import BY_ID
from callboard.catalog.query.conditions import EVERYTHING, Condition
from callboard.catalog.query.cursor import Cursor, decode_cursor, encode_cursor
from callboard.catalog.query.predicate import parse_predicate

DEFAULT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ByQuery:
    """A by-query request. `where` is the condition of `cursor.query`; the cursor holds all else to repeat."""

    cursor: Cursor = Cursor()  # noqa: RUF009 - immutable
    where: Condition = EVERYTHING
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    count: bool = True

    @property
    def term(self) -> str:
        """The full-text term as it is matched."""
        return self.cursor.term.strip().lower()

    @property
    def text_fields(self) -> Sequence[str]:
        return self.cursor.text_fields or (self.cursor.field or "metadata.uid",)


def continue_query(text: str, limit: int) -> ByQuery:
    """The request that a cursor stands for. Raises InputError."""
    cursor = decode_cursor(text)
    return ByQuery(cursor, parse_predicate(cursor.query), limit)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer before its bodies."""

    rows: list[int]
    total: int
    next: Cursor | None = None
    previous: Cursor | None = None

    def info(self) -> bytes:
        """`pageInfo` as JSON."""
        info: dict[str, Any] = {}
        if self.next is not None:
            info["nextCursor"] = encode_cursor(self.next)
        if self.previous is not None:
            info["prevCursor"] = encode_cursor(self.previous)
        return orjson.dumps(info)


def query_page(index: Index, request: ByQuery, among: BitMap | None, *, recount: bool = False) -> Page:
    """The page of a request among the rows that match it (None: all there are).

    `recount`: the total of a cursor is not believed, since it may be that of somebody who sees more. Only 0,
    which says nothing, is: it stands for a total that was not asked for.
    """
    cursor = request.cursor
    order = index.order(BY_ID if cursor.field is None else cursor.field.lower())
    if order is None:
        return Page([], 0)
    if among is not None and len(order) < len(index):
        among = among & order.members
    total = None if recount and cursor.total else cursor.total
    if total is None:
        total = (len(order) if among is None else len(among)) if request.count else 0
    if request.limit == 0:
        return Page([], total)
    places = order.page(
        among,
        after=_key(cursor.position),
        descending=cursor.descending != cursor.previous,
        offset=request.offset if cursor.position is None else 0,
        # One more than asked for tells whether there is a next page; backwards there always is.
        limit=request.limit + (not cursor.previous),
    )
    more = cursor.previous or len(places) > request.limit
    places = places[: request.limit]
    if cursor.previous:
        places.reverse()
    if not places:
        return Page([], total)
    return _with_cursors(order, places, replace(cursor, total=total), more)


def query_rows(index: Index, request: ByQuery, among: BitMap | None) -> list[int]:
    """The rows of all pages, from the first on whatever the cursor's position."""
    cursor = request.cursor
    order = index.order(BY_ID if cursor.field is None else cursor.field.lower())
    if order is None:
        return []
    if among is not None and len(order) < len(index):
        among = among & order.members
    return [order.rows[place] for place in order.page(among, descending=cursor.descending)]


def _with_cursors(order: Order, places: list[int], cursor: Cursor, more: bool) -> Page:
    begin, end = (_position(order.keys[place], cursor) for place in (places[0], places[-1]))
    first = cursor.first or begin
    onward = replace(cursor, position=end, first=first, previous=False) if more else None
    back = None
    if cursor.position is not None and begin != cursor.first:
        back = replace(cursor, position=begin, first=first, previous=True)
    return Page([order.rows[place] for place in places], cursor.total or 0, onward, back)


def _key(position: tuple[str, ...] | None) -> Key | None:
    return None if position is None else (position[0], position[-1])


def _position(key: Key, cursor: Cursor) -> tuple[str, ...]:
    return key if cursor.field is not None else key[:1]
