"""The cursor of by-query: everything needed to continue a list, on any node, without a memory of the client.

It is base64 of JSON with Backstage's fields (contract note A1). It is not signed: a forged cursor that is
well-formed is no more than a query, and what its sender may see is decided anew on every request.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from callboard.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list. `position` and `first` are `(value, entity id)`, or `(entity id,)` unsorted."""

    field: str | None = None
    descending: bool = False
    query: dict[str, Any] | None = None
    term: str = ""
    text_fields: tuple[str, ...] = ()
    position: tuple[str, ...] | None = None
    previous: bool = False
    first: tuple[str, ...] | None = None
    total: int | None = None


def encode_cursor(cursor: Cursor) -> str:
    data: dict[str, Any] = {"orderFields": [], "isPrevious": cursor.previous}
    if cursor.field is not None:
        data["orderFields"] = [{"field": cursor.field, "order": "desc" if cursor.descending else "asc"}]
    if cursor.query is not None:
        data["query"] = cursor.query
    if cursor.term:
        data["fullTextFilter"] = {"term": cursor.term}
        if cursor.text_fields:
            data["fullTextFilter"]["fields"] = cursor.text_fields
    if cursor.position is not None:
        data["orderFieldValues"] = cursor.position
    if cursor.first is not None:
        data["firstSortFieldValues"] = cursor.first
    if cursor.total is not None:
        data["totalItems"] = cursor.total
    return base64.b64encode(orjson.dumps(data)).decode()


def decode_cursor(text: str) -> Cursor:
    """Reads a cursor. Raises InputError for anything `encode_cursor` could not have made."""
    try:
        # The alphabet of either base64, padded or not: proxies and clients are careless with both.
        raw = text.rstrip("=").replace("-", "+").replace("_", "/")
        data = orjson.loads(base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True))
    except (binascii.Error, ValueError, UnicodeError):
        raise _malformed("could not be parsed") from None
    if not isinstance(data, dict):
        raise _malformed("not an object")
    field, descending = _order(data.get("orderFields"))
    query, previous, total = data.get("query"), data.get("isPrevious", False), data.get("totalItems")
    if query is not None and not isinstance(query, dict):
        raise _malformed("query")
    if not isinstance(previous, bool):
        raise _malformed("isPrevious")
    if total is not None and (type(total) is not int or total < 0):
        raise _malformed("totalItems")
    term, text_fields = _full_text(data.get("fullTextFilter"))
    size = 1 if field is None else 2
    position = _values(data, "orderFieldValues", size)
    first = _values(data, "firstSortFieldValues", size)
    return Cursor(field, descending, query, term, text_fields, position, previous, first, total)


def _malformed(what: str) -> InputError:
    return InputError(f"Malformed cursor: {what}")


def _order(value: Any) -> tuple[str | None, bool]:
    if not isinstance(value, list):
        raise _malformed("orderFields")
    if not value:
        return None, False
    first = value[0]
    if (
        not isinstance(first, dict)
        or not isinstance(first.get("field"), str)
        or first.get("order") not in ("asc", "desc")
    ):
        raise _malformed("orderFields")
    return first["field"], first["order"] == "desc"


def _full_text(value: Any) -> tuple[str, tuple[str, ...]]:
    if value is None:
        return "", ()
    if not isinstance(value, dict):
        raise _malformed("fullTextFilter")
    term, fields = value.get("term") or "", value.get("fields") or []
    if (
        not isinstance(term, str)
        or not isinstance(fields, list)
        or not all(isinstance(field, str) for field in fields)
    ):
        raise _malformed("fullTextFilter")
    return term, tuple(fields)


def _values(data: dict[str, Any], name: str, size: int) -> tuple[str, ...] | None:
    values = data.get(name)
    if values is None:
        return None
    if (
        not isinstance(values, list)
        or len(values) != size
        or not all(isinstance(value, str) for value in values)
    ):
        raise _malformed(name)
    return tuple(values)
