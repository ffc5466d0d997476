"""Conditions of a decision: rules combined by all, any and not. Pure values, as they go over the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import InputError

DEEPEST = 20


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Criteria, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Criteria, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Criteria


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its parameters, which are JSON in the form of sorted pairs so that criteria can be keys."""

    name: str
    resource_type: str
    params: tuple[tuple[str, Any], ...] = ()

    @property
    def arguments(self) -> dict[str, Any]:
        """The parameters as a mapping; lists in it are tuples."""
        return dict(self.params)


Criteria = AllOf | AnyOf | Not | Rule

Holds = Callable[[Rule], bool]


def applies(criteria: Criteria, holds: Holds) -> bool:
    """Whether criteria are met, given which single rules are."""
    match criteria:
        case AllOf(parts):
            return all(applies(part, holds) for part in parts)
        case AnyOf(parts):
            return any(applies(part, holds) for part in parts)
        case Not(part):
            return not applies(part, holds)
        case Rule():
            return holds(criteria)


def read_criteria(value: Any, where: str = "conditions", depth: int = 0) -> Criteria:
    """Criteria from JSON (hence Any). Raises InputError that names the place: `conditions.anyOf[1]`."""
    if depth > DEEPEST:
        raise InputError(f"{where} is nested deeper than {DEEPEST} levels")
    if not isinstance(value, Mapping):
        raise InputError(f"{where} must be an object")
    for key, make in (("allOf", AllOf), ("anyOf", AnyOf)):
        if key in value:
            parts = value[key]
            if not isinstance(parts, list | tuple) or not parts:
                raise InputError(f"{where}.{key} must be a list that is not empty")
            return make(
                tuple(read_criteria(part, f"{where}.{key}[{at}]", depth + 1) for at, part in enumerate(parts))
            )
    if "not" in value:
        return Not(read_criteria(value["not"], f"{where}.not", depth + 1))
    name, resource_type, params = value.get("rule"), value.get("resourceType"), value.get("params") or {}
    if not isinstance(name, str) or not isinstance(resource_type, str):
        raise InputError(f"{where} must hold allOf, anyOf, not, or a rule with its resourceType")
    if not isinstance(params, Mapping):
        raise InputError(f"{where}.params must be an object")
    return Rule(name, resource_type, tuple(sorted((key, _frozen(params[key])) for key in params)))


def as_json(criteria: Criteria) -> dict[str, Any]:
    """Criteria as they go over the wire."""
    match criteria:
        case AllOf(parts):
            return {"allOf": [as_json(part) for part in parts]}
        case AnyOf(parts):
            return {"anyOf": [as_json(part) for part in parts]}
        case Not(part):
            return {"not": as_json(part)}
        case Rule(name, resource_type, params):
            return {
                "rule": name,
                "resourceType": resource_type,
                "params": {key: _thawed(value) for key, value in params},
            }


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(one) for one in value)
    if isinstance(value, Mapping):
        raise InputError("parameters of a rule must be texts, numbers, true, false, or lists of them")
    return value


def _thawed(value: Any) -> Any:
    return [_thawed(one) for one in value] if isinstance(value, tuple) else value
