"""The predicate language of request bodies: `{"kind": "component", "$not": …}` (contract notes A1 and A4)."""

from __future__ import annotations

from typing import Any

from callboard.catalog.index.terms import scalar_text
from callboard.catalog.query.conditions import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Begins,
    Condition,
    Exists,
    Not,
    OneOf,
)
from callboard.core.errors import InputError

MAX_DEPTH = 32
MAX_NODES = 1000


def parse_predicate(query: Any) -> Condition:
    """Validates a predicate and translates it; None means no predicate. Raises InputError."""
    if query is None:
        return EVERYTHING
    return _Parser().predicate(query, "query", 1)


def _wrong(where: str, why: str) -> InputError:
    return InputError(f"Invalid query: {why} at {where}")


def _text(value: Any, where: str) -> str:
    if value is None or not isinstance(value, str | bool | int | float):
        raise _wrong(where, "expected a string, number or boolean")
    return scalar_text(value).lower()


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, "expected an array")
    return value


class _Parser:
    """One walk over a predicate, counting its nodes."""

    def __init__(self) -> None:
        self._nodes = 0

    def predicate(self, query: Any, where: str, depth: int) -> Condition:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise InputError(f"Invalid query: nested deeper than {MAX_DEPTH} levels")
        if self._nodes > MAX_NODES:
            raise InputError(f"Invalid query: more than {MAX_NODES} conditions")
        if not isinstance(query, dict):
            raise InputError(
                "Invalid filter predicate: top-level primitive values are not supported, "
                f"expected an object at {where}"
            )
        operators = [key for key in query if key.startswith("$")]
        if not operators:
            self._nodes += max(len(query) - 1, 0)
            if self._nodes > MAX_NODES:
                raise InputError(f"Invalid query: more than {MAX_NODES} conditions")
            parts = tuple(self._field(key, value, f"{where}.{key}") for key, value in query.items())
            return parts[0] if len(parts) == 1 else AllOf(parts)
        operator = operators[0]
        if len(query) > 1:
            raise _wrong(where, f"{operator} cannot be combined with other keys")
        inner, place = query[operator], f"{where}.{operator}"
        if operator == "$not":
            return Not(self.predicate(inner, place, depth + 1))
        if operator not in ("$all", "$any"):
            raise _wrong(where, f"unknown operator {operator}")
        items = tuple(
            self.predicate(item, f"{place}[{at}]", depth + 1) for at, item in enumerate(_list(inner, place))
        )
        return AllOf(items) if operator == "$all" else AnyOf(items)

    def _field(self, key: str, value: Any, where: str) -> Condition:
        low = key.lower()
        if not isinstance(value, dict):
            return OneOf(low, (_text(value, where),))
        if len(value) != 1:
            raise _wrong(where, "expected exactly one operator")
        operator, operand = next(iter(value.items()))
        if operator == "$exists":
            if not isinstance(operand, bool):
                raise _wrong(where, "$exists expects a boolean")
            return Exists(low) if operand else Not(Exists(low))
        if operator == "$in":
            return OneOf(low, tuple(_text(item, where) for item in _list(operand, where)))
        if operator == "$hasPrefix":
            if not isinstance(operand, str):
                raise _wrong(where, "$hasPrefix expects a string")
            return Begins(low, operand.lower())
        if operator == "$contains":
            if isinstance(operand, dict):
                return _relation(low, operand, where)
            return OneOf(low, (_text(operand, where),))
        raise _wrong(where, f"unknown operator {operator}")


def _relation(key: str, wanted: dict[str, Any], where: str) -> Condition:
    """`{"relations": {"$contains": {"type": …, "targetRef": …}}}`, the one object that can be contained."""
    if (
        key != "relations"
        or not set(wanted) <= {"type", "targetRef"}
        or not isinstance(wanted.get("type"), str)
    ):
        raise _wrong(where, "$contains takes an object only for relations, with a type and a targetRef")
    name = f"relations.{wanted['type'].lower()}"
    if "targetRef" not in wanted:
        return Exists(name)
    target = wanted["targetRef"]
    if isinstance(target, dict):
        if list(target) != ["$in"]:
            raise _wrong(where, "targetRef takes a string or $in")
        return OneOf(name, tuple(_text(item, where) for item in _list(target["$in"], where)))
    return OneOf(name, (_text(target, where),))
