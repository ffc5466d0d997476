"""Judges one entity by a condition, without an index: the answer is what an index that held it would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.catalog.index.terms import flatten
from callboard.catalog.query.conditions import AllOf, AnyOf, Begins, Condition, Exists, Not, OneOf


def holds(condition: Condition, entity: Mapping[str, Any]) -> bool:
    """Whether an entity, as the catalog serves it (JSON, hence Any), meets a condition."""
    keys: dict[str, set[str]] = {}
    for key, low in flatten(dict(entity)):
        values = keys.setdefault(key, set())
        if low is not None:
            values.add(low)
    return _holds(condition, keys)


def _holds(condition: Condition, keys: Mapping[str, set[str]]) -> bool:
    match condition:
        case AllOf(parts):
            return all(_holds(part, keys) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, keys) for part in parts)
        case Not(part):
            return not _holds(part, keys)
        case Exists(key):
            return key in keys
        case OneOf(key, values):
            return not keys.get(key, set()).isdisjoint(values)
        case Begins(key, prefix):
            return any(value.startswith(prefix) for value in keys.get(key, ()))
