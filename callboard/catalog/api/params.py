"""Query parameters and request bodies of the read endpoints, checked as Backstage's OpenAPI validation does.

Unknown parameters and properties are ignored; a known parameter that is empty, of the wrong type or out of
range is an InputError. The recordings in the conformance cases give the wording.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

import orjson
from pydantic import BaseModel, Field, StrictStr

from callboard.catalog.query.cursor import Cursor
from callboard.catalog.query.filters import parse_filter
from callboard.catalog.query.paging import DEFAULT_LIMIT, ByQuery, continue_query
from callboard.catalog.query.predicate import parse_predicate
from callboard.core.errors import InputError

_INTEGER = re.compile(r"-?[0-9]{1,15}")


class Params:
    """The query string of one request."""

    __slots__ = ("_values", "pairs")

    def __init__(self, query_string: bytes) -> None:
        self.pairs = parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True)
        self._values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        values = self._values.get(name, [])
        if "" in values:
            raise InputError(f"Empty value found for query parameter '{name}'")
        return values

    def one(self, name: str) -> str | None:
        values = self.all(name)
        if len(values) > 1:
            raise InputError(f"request/query/{name} must be string")
        return values[0] if values else None

    def commas(self, name: str) -> list[str]:
        """A comma-separated list, which may also be repeated."""
        return [part for value in self.all(name) for part in value.split(",")]

    def integer(self, name: str) -> int | None:
        """A non-negative number."""
        values = self.all(name)
        if not values:
            return None
        if len(values) > 1 or not _INTEGER.fullmatch(values[0]):
            raise InputError(f"request/query/{name} must be integer")
        number = int(values[0])
        if number < 0:
            raise InputError(f"request/query/{name} must be >= 0")
        return number

    def counts(self) -> bool:
        """Whether `totalItems` asks for the total."""
        value = self.one("totalItems")
        if value not in (None, "include", "exclude"):
            raise InputError(
                "request/query/totalItems must be equal to one of the allowed values: include, exclude"
            )
        return value != "exclude"


def by_query_params(params: Params) -> ByQuery:
    """GET /entities/by-query. With a cursor, only the limit is read besides (and `fields`, elsewhere)."""
    limit = params.integer("limit")
    offset = params.integer("offset") or 0
    count = params.counts()
    limit = DEFAULT_LIMIT if limit is None else limit
    token = params.one("cursor")
    if token is not None:
        return continue_query(token, limit)
    where, query = parse_filter(params.all("filter"))
    field, descending = _order_field(params.all("orderField"))
    text_fields = tuple(params.commas("fullTextFilterFields"))
    cursor = Cursor(field, descending, query, params.one("fullTextFilterTerm") or "", text_fields)
    return ByQuery(cursor, where, limit, offset, count)


def _order_field(values: list[str]) -> tuple[str | None, bool]:
    """The first `orderField=name,asc`; as in Backstage the others have no effect, but must be well-formed."""
    parsed = []
    for value in values:
        field, comma, order = value.partition(",")
        field, order = field.strip(), order.strip()
        if not field or (comma and order not in ("asc", "desc")):
            raise InputError("Invalid order field order, must be asc or desc")
        parsed.append((field, order == "desc"))
    return parsed[0] if parsed else (None, False)


def entities_order(values: list[str]) -> tuple[str, bool] | None:
    """The first `order=asc:metadata.name` of GET /entities."""
    parsed = []
    for value in values:
        order, _, field = value.partition(":")
        if order not in ("asc", "desc") or not field:
            raise InputError(
                f'Invalid order parameter "{value}", expected "<asc or desc>:<field name>"',
            )
        parsed.append((field, order == "desc"))
    return parsed[0] if parsed else None


def entities_page(params: Params) -> tuple[int | None, int, bool]:
    """Limit, offset and whether GET /entities is paged at all."""
    limit, offset, after = params.integer("limit"), params.integer("offset"), params.one("after")
    if limit == 0:
        raise InputError("Invalid limit, must be greater than zero")
    paged = not (limit is None and offset is None and after is None)
    if after is not None:
        try:
            cursor = orjson.loads(base64.b64decode(after + "=" * (-len(after) % 4), validate=True))
        except ValueError:
            raise InputError("Malformed after cursor, could not be parsed") from None
        if not isinstance(cursor, dict):
            raise InputError("Malformed after cursor, could not be parsed")
        limit, offset = _count(cursor, "limit", limit), _count(cursor, "offset", offset)
    return limit, offset or 0, paged


def _count(cursor: dict[str, Any], name: str, otherwise: int | None) -> int | None:
    value = cursor.get(name, otherwise)
    if value is not None and (type(value) is not int or value < 0):
        raise InputError(f"Malformed after cursor, {name} was not a number")
    return value


def next_link(params: Params, limit: int, offset: int) -> str:
    """The Link header to the page behind this one; like Backstage's it is relative to the plugin's mount."""
    after = base64.b64encode(orjson.dumps({"limit": limit, "offset": offset + limit})).decode()
    kept = [(name, value) for name, value in params.pairs if name not in ("offset", "after")]
    return f'</entities?{urlencode([*kept, ("after", after)])}>; rel="next"'


class OrderBody(BaseModel):
    """One sort field of a by-query body."""

    field: StrictStr
    order: Literal["asc", "desc"]


class FullTextBody(BaseModel):
    """The full-text filter of a by-query body."""

    term: StrictStr = ""
    fields: list[StrictStr] = []


class ByQueryBody(BaseModel):
    """POST /entities/by-query."""

    cursor: Annotated[StrictStr, Field(min_length=1)] | None = None
    limit: Annotated[int, Field(strict=True, ge=0)] | None = None
    offset: Annotated[int, Field(strict=True, ge=0)] | None = None
    orderBy: list[OrderBody] = []  # noqa: N815 - the name on the wire
    fullTextFilter: FullTextBody = FullTextBody()  # noqa: N815
    fields: list[StrictStr] = []
    totalItems: Literal["include", "exclude"] = "include"  # noqa: N815
    query: dict[str, Any] | None = None

    def request(self) -> ByQuery:
        """What is asked for. Raises InputError for a bad predicate or cursor."""
        limit = DEFAULT_LIMIT if self.limit is None else self.limit
        if self.cursor is not None:
            return continue_query(self.cursor, limit)
        text = self.fullTextFilter
        cursor = Cursor(query=self.query, term=text.term, text_fields=tuple(text.fields))
        if self.orderBy:
            first = self.orderBy[0]
            cursor = Cursor(first.field, first.order == "desc", self.query, text.term, tuple(text.fields))
        where = parse_predicate(self.query)
        return ByQuery(cursor, where, limit, self.offset or 0, self.totalItems == "include")


class ByRefsBody(BaseModel):
    """POST /entities/by-refs."""

    entityRefs: list[StrictStr]  # noqa: N815 - the name on the wire
    fields: list[StrictStr] = []
    query: dict[str, Any] | None = None


class FacetsBody(BaseModel):
    """POST /entity-facets."""

    facets: list[StrictStr]
    query: dict[str, Any] | None = None
