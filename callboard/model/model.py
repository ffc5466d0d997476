"""The model: all kinds that a catalog knows, and the one place that says whether an entity is right.

Not for reading files: entities come in as mappings, problems and relations go out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from callboard.core.errors import ConfigError, Path, Problem
from callboard.model.format import check_envelope, is_api_version, is_kind
from callboard.model.kind import Kind, Relation, load_kind
from callboard.model.packaged import packaged_kinds
from callboard.model.schema import kind_schema

__all__ = ["Kind", "Model", "Relation", "load_kind"]


class Model:
    """An unchanging set of kinds, found by apiVersion and kind."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self.kinds = tuple(kinds)
        self._by_version: dict[tuple[str, str], Kind] = {}
        problems = []
        for kind in self.kinds:
            for version in kind.api_versions:
                if self._by_version.setdefault((version, kind.name), kind) is not kind:
                    text = f"the kind {kind.name} with apiVersion {version} is declared twice"
                    problems.append(Problem(text, ("apiVersions",)))
        problems += _contradictions(self.kinds)
        if problems:
            raise ConfigError(problems)

    @classmethod
    def builtin(cls) -> Model:
        """The kinds that every catalog has."""
        return _builtin()

    def extended(self, kinds: Iterable[Kind]) -> Model:
        """This model with more kinds; raises ConfigError when they contradict each other."""
        return Model((*self.kinds, *kinds))

    def kind_of(self, entity: dict[str, Any]) -> Kind | None:
        """The kind that an entity declares itself to be; the case of both names counts."""
        try:
            return self._by_version.get((entity["apiVersion"], entity["kind"]))
        except (KeyError, TypeError):
            return None

    def validate(self, entity: Any) -> list[Problem]:
        """Every mistake in an entity, sorted by the path of the field; empty when it is right."""
        kind = self.kind_of(entity)
        problems = check_envelope(entity) if kind is None else check_envelope(entity, kind.longest_name)
        if isinstance(entity, dict):
            if kind is not None:
                problems += kind.problems(entity)
            elif is_api_version(entity.get("apiVersion")) and is_kind(entity.get("kind")):
                problems.append(self._unknown(entity["apiVersion"], entity["kind"]))
        return sorted(problems, key=lambda problem: _order(problem.path)) if problems else problems

    def relations(self, entity: dict[str, Any]) -> list[Relation]:
        """Both directions of every relation that a valid entity declares, sorted, none twice."""
        kind = self.kind_of(entity)
        return kind.relations(entity) if kind is not None else []

    def json_schema(self, kind: str) -> dict[str, Any]:
        """JSON Schema of a whole entity, for editors; raises KeyError for a kind that is not here."""
        for item in self.kinds:
            if item.name.lower() == kind.lower():
                return kind_schema(item)
        raise KeyError(kind)

    def _unknown(self, version: str, kind: str) -> Problem:
        text = f"no kind {kind} with apiVersion {version} is known"
        for item in self.kinds:
            if item.name.lower() == kind.lower():
                versions = " or ".join(item.api_versions)
                return Problem(
                    f"{text}; there is {item.name} with {versions}",
                    ("apiVersion",) if item.name == kind else ("kind",),
                )
        return Problem(text, ("kind",))


def _contradictions(kinds: Iterable[Kind]) -> list[Problem]:
    """Relations that two kinds pair differently: whoever follows one could not find the way back."""
    problems = []
    partner: dict[str, str] = {}
    for kind in kinds:
        for relation, inverse in sorted(kind.relation_pairs()):
            for one, other in ((relation, inverse), (inverse, relation)):
                known = partner.setdefault(one, other)
                if known != other:
                    text = f"the kind {kind.name} pairs the relation {one} with {other}, not with {known}"
                    problems.append(Problem(text, ("relations",)))
    return problems


def _order(path: Path) -> list[tuple[int, int, str]]:
    return [(0, part, "") if isinstance(part, int) else (1, 0, part) for part in path]


@cache
def _builtin() -> Model:
    return Model(load_kind(declaration) for declaration in packaged_kinds())
