"""Catalog rules: which kinds a location may bring in (`catalog.rules`, `catalog.locations[].rules`).

Semantics are Backstage's (contract notes A2, "Catalog rules"): without configuration Component, API and
Location are allowed; any one matching rule allows; a location's own rules add to the general ones.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import ConfigError, Problem
from callboard.model.refs import LocationRef

DEFAULT_KINDS = ("Component", "API", "Location")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A kind, optionally only with one `spec.type`."""

    kind: str
    spec_type: str | None = None

    def matches(self, entity: Mapping[str, Any]) -> bool:
        if str(entity.get("kind", "")).lower() != self.kind.lower():
            return False
        if self.spec_type is None:
            return True
        spec = entity.get("spec")
        value = spec.get("type") if isinstance(spec, dict) else None
        return isinstance(value, str) and value.lower() == self.spec_type.lower()


@dataclass(frozen=True, slots=True)
class LocationMatch:
    """`exact` or `pattern` (a glob over the target); neither means every target of the type."""

    type: str
    exact: str | None = None
    pattern: str | None = None

    def matches(self, origin: LocationRef) -> bool:
        if origin.type != self.type:
            return False
        if self.exact is not None:
            return origin.target == self.exact
        return self.pattern is None or fnmatch.fnmatchcase(origin.target.lower(), self.pattern.lower())


@dataclass(frozen=True, slots=True)
class Rule:
    allow: tuple[Allowed, ...] | None
    """None allows every kind (locations given on the command line)."""
    locations: tuple[LocationMatch, ...] | None = None

    def allows(self, entity: Mapping[str, Any], origin: LocationRef) -> bool:
        if self.locations is not None and not any(match.matches(origin) for match in self.locations):
            return False
        return self.allow is None or any(allowed.matches(entity) for allowed in self.allow)


class Rules:
    """All rules of a catalog; `allow_everything_from` adds one for an origin the operator named."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = list(rules)

    def allows(self, entity: Mapping[str, Any], origin: LocationRef) -> bool:
        return any(rule.allows(entity, origin) for rule in self._rules)

    def __repr__(self) -> str:
        return f"Rules({self._rules!r})"

    def allow_everything_from(self, origin_type: str, target: str) -> None:
        self._rules.append(Rule(None, (LocationMatch(origin_type, exact=target),)))


def parse_rules(config: Any, locations: Sequence[tuple[str, str, Any]] = ()) -> Rules:
    """Rules from `catalog.rules`, and from `(type, target, rules)` of each configured location.

    Raises ConfigError naming each field that is wrong.
    """
    problems: list[Problem] = []
    if config is None:
        rules = [Rule(tuple(Allowed(kind) for kind in DEFAULT_KINDS))]
    else:
        rules = [
            _parse_rule(item, ("catalog", "rules", index), problems)
            for index, item in enumerate(config if isinstance(config, list) else [config])
        ]
    for index, (kind, target, own) in enumerate(locations):
        for item in own or ():
            rule = _parse_rule(item, ("catalog", "locations", index, "rules"), problems)
            rules.append(Rule(rule.allow, (LocationMatch(kind, exact=target),)))
    if problems:
        raise ConfigError(problems)
    return Rules(rules)


def _parse_rule(item: Any, path: tuple[str | int, ...], problems: list[Problem]) -> Rule:
    if not isinstance(item, dict) or not isinstance(item.get("allow"), list):
        problems.append(Problem("must be an object with a list `allow`", path))
        return Rule(())
    allow = []
    for index, entry in enumerate(item["allow"]):
        if isinstance(entry, str):
            allow.append(Allowed(entry))
        elif isinstance(entry, dict) and isinstance(entry.get("kind"), str):
            allow.append(Allowed(entry["kind"], entry.get("spec.type")))
        else:
            problems.append(Problem("must be a kind or an object with `kind`", (*path, "allow", index)))
    matches = None
    if item.get("locations") is not None:
        matches = tuple(
            _parse_match(entry, (*path, "locations", index), problems)
            for index, entry in enumerate(item["locations"])
        )
    return Rule(tuple(allow), matches)


def _parse_match(entry: Any, path: tuple[str | int, ...], problems: list[Problem]) -> LocationMatch:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        problems.append(Problem("must be an object with `type`", path))
        return LocationMatch("")
    if entry.get("exact") is not None and entry.get("pattern") is not None:
        problems.append(Problem("has both `exact` and `pattern`; give one", path))
    return LocationMatch(entry["type"], entry.get("exact"), entry.get("pattern"))
