"""The filter language of query strings: `filter=kind=component,spec.type=service&filter=kind=api`.

Repeated filters are alternatives, commas are conjunctions, and a key repeated within one filter lists
alternatives of its value (contract note A1).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from callboard.catalog.query.conditions import EVERYTHING, AllOf, AnyOf, Condition, Exists, OneOf
from callboard.core.errors import InputError

Predicate = dict[str, Any]


def _parse_one(text: str) -> dict[str, list[str] | None]:
    """One filter as key -> wanted values, None where the key only has to exist."""
    wanted: dict[str, list[str] | None] = {}
    for statement in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = statement.partition("=")
        key = key.strip()
        if not key:
            raise InputError(
                f"Invalid filter, '{statement}' is not a valid statement "
                "(expected a string on the form a=b or a= or a)"
            )
        values = wanted.setdefault(key, None)
        if equals:
            wanted[key] = [*(values or ()), value.strip().lower()]
    return wanted


@lru_cache(maxsize=1024)
def _parse(texts: tuple[str, ...]) -> tuple[Condition, Predicate | None]:
    sets = [wanted for text in texts if (wanted := _parse_one(text))]
    if not sets:
        return EVERYTHING, None
    conditions = [_condition(wanted) for wanted in sets]
    predicates = [_predicate(wanted) for wanted in sets]
    if len(sets) == 1:
        return conditions[0], predicates[0]
    return AnyOf(tuple(conditions)), {"$any": predicates}


def parse_filter(texts: Sequence[str]) -> tuple[Condition, Predicate | None]:
    """All `filter` parameters of a request, as a condition and as the predicate a cursor carries.

    The predicate is None when nothing is filtered; it must not be changed. Raises InputError.
    """
    return _parse(tuple(texts))


def _condition(wanted: dict[str, list[str] | None]) -> Condition:
    parts: list[Condition] = [
        Exists(key.lower()) if values is None else OneOf(key.lower(), tuple(values))
        for key, values in wanted.items()
    ]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _predicate(wanted: dict[str, list[str] | None]) -> Predicate:
    parts: list[Predicate] = []
    for key, values in wanted.items():
        if key.startswith("$"):
            parts.append({"$any": []})  # no entity has such a key, and a predicate cannot name one
        elif values is None:
            parts.append({key: {"$exists": True}})
        else:
            parts.append({key: values[0] if len(values) == 1 else {"$in": values}})
    return parts[0] if len(parts) == 1 else {"$all": parts}
