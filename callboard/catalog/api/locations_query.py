"""POST /locations/by-query without its I/O: the predicate over locations, and pages with cursors.

The semantics differ from those over entities (contract note A4): only four keys exist, an empty `$all`
matches nothing, as an empty `$any` does, and `$contains` never matches.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from callboard.core.errors import InputError

Location = dict[str, str]
Test = Callable[[Location], bool]

DEFAULT_LIMIT = 1000
_KEYS = {key.lower(): key for key in ("id", "type", "target", "entityRef")}
_MOST_NODES = 1000  # of one predicate; more is an attack, not a question


@dataclass(frozen=True, slots=True)
class Page:
    """What to answer: at most `limit` locations after `after_id`, ordered by id."""

    limit: int = DEFAULT_LIMIT
    after_id: str | None = None
    query: dict[str, Any] | None = None  # a predicate: any JSON


def first_page(limit: float | None, query: dict[str, Any] | None) -> Page:
    return Page(_checked_limit(DEFAULT_LIMIT if limit is None else limit), None, query)


def decode_cursor(cursor: str) -> Page:
    """The page a cursor stands for; the cursor comes from outside, so nothing in it is trusted."""
    try:
        value = orjson.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        raise InputError("Malformed cursor: not base64 of JSON") from None
    if not isinstance(value, dict):
        raise InputError("Malformed cursor: expected an object")
    limit, after, query = value.get("limit"), value.get("afterId"), value.get("query")
    if not isinstance(after, str) or not isinstance(query, dict | None):
        raise InputError("Malformed cursor: afterId or query is of the wrong type")
    if not isinstance(limit, int):
        raise InputError("Malformed cursor: limit is not an integer")
    return Page(_checked_limit(limit), after, query)


def encode_cursor(page: Page) -> str:
    value: dict[str, Any] = {"limit": page.limit, "afterId": page.after_id}
    if page.query is not None:
        value["query"] = page.query
    return base64.b64encode(orjson.dumps(value)).decode()


def answer(locations: list[Location], page: Page) -> dict[str, Any]:
    """The body of the answer: `{items, totalItems, pageInfo: {nextCursor?}}`."""
    test = parse(page.query) if page.query is not None else (lambda _: True)
    matching = sorted((one for one in locations if test(one)), key=lambda one: one["id"])
    rest = [one for one in matching if page.after_id is None or one["id"] > page.after_id]
    items = rest[: page.limit]
    info = {}
    if len(rest) > len(items):
        info["nextCursor"] = encode_cursor(Page(page.limit, items[-1]["id"], page.query))
    return {"items": items, "totalItems": len(matching), "pageInfo": info}


def parse(predicate: Any, _budget: list[int] | None = None) -> Test:
    """A predicate (any JSON) as a test of one location; InputError names what is wrong with it."""
    budget = _budget if _budget is not None else [_MOST_NODES]
    budget[0] -= 1
    if budget[0] < 0:
        raise InputError(f"Invalid query: more than {_MOST_NODES} conditions")
    if not isinstance(predicate, dict):
        raise InputError("Invalid query: expected an object")
    operators = [key for key in predicate if key.startswith("$")]
    if not operators:
        tests = [_field_test(key, value) for key, value in predicate.items()]
        return lambda one: all(test(one) for test in tests)
    if len(predicate) > 1:
        raise InputError(f"Invalid query: {operators[0]} stands beside other keys")
    operator, value = operators[0], predicate[operators[0]]
    if operator == "$not":
        inner = parse(value, budget)
        return lambda one: not inner(one)
    if operator not in ("$all", "$any"):
        raise InputError(f"Invalid query: unknown operator {operator}")
    if not isinstance(value, list):
        raise InputError(f"Invalid query: {operator} expects an array")
    parts = [parse(item, budget) for item in value]
    if operator == "$any":
        return lambda one: any(part(one) for part in parts)
    return lambda one: bool(parts) and all(part(one) for part in parts)


def _field_test(name: str, value: Any) -> Test:
    key = _KEYS.get(name.lower())
    if key is None:
        raise InputError(f"Invalid query: locations have no field '{name}', only id, type, target, entityRef")
    if not isinstance(value, dict):
        wanted = _folded(value)
        return lambda one: one[key].upper() == wanted
    if len(value) != 1:
        raise InputError(f"Invalid query: expected one operator at '{name}'")
    operator, operand = next(iter(value.items()))
    match operator:
        case "$exists" if isinstance(operand, bool):
            return lambda _: operand
        case "$in" if isinstance(operand, list):
            among = {_folded(item) for item in operand}
            return lambda one: one[key].upper() in among
        case "$hasPrefix" if isinstance(operand, str):
            prefix = operand.upper()
            return lambda one: one[key].upper().startswith(prefix)
        case "$contains":
            return lambda _: False
        case _:
            raise InputError(f"Invalid query: {operator} at '{name}' is not an operator with such a value")


def _folded(value: Any) -> str:
    """A primitive as it is compared: upper-cased text, booleans and numbers as JSON writes them."""
    if isinstance(value, str):
        return value.upper()
    if isinstance(value, bool | int | float):
        return orjson.dumps(value).decode().upper()
    raise InputError("Invalid query: expected a string, number or boolean")


def _checked_limit(limit: float) -> int:
    if isinstance(limit, bool) or not math.isfinite(limit) or limit < 1 or limit != int(limit):
        raise InputError("Limit must be a positive integer >= 1")
    return int(limit)
