"""A kind at work: checks the `spec` of entities and derives their relations.

Hot path: both run for every entity that is ingested, so what can be prepared is prepared once per kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jsonschema_rs
from pydantic import BaseModel

from callboard.core.errors import InputError, Path, Problem
from callboard.model.declaration import (
    Declaration,
    RelationField,
    Variant,
    merged_schema,
    read_declaration,
)
from callboard.model.refs import DEFAULT_NAMESPACE, entity_ref, parse_ref, resolve_ref
from callboard.model.spec_errors import spec_problems

_REMEMBERED = 512  # longer texts are no real references and would fill the cache


class Relation(NamedTuple):
    """One direction of a relation; both ends are lower-cased references."""

    source: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class Field:
    """A relation field with its path taken apart and its kinds in lower case."""

    keys: tuple[str, ...]
    relation: str
    inverse: str
    default_kind: str | None
    inherits: bool
    allowed: tuple[str, ...] | None

    @classmethod
    def of(cls, declared: RelationField) -> Field:
        allowed = declared.allowed_kinds
        return cls(
            keys=tuple(declared.path.split(".")[1:]),
            relation=declared.relation,
            inverse=declared.inverse,
            default_kind=declared.default_kind,
            inherits=declared.default_namespace == "inherit",
            allowed=None if allowed is None else tuple(kind.lower() for kind in allowed),
        )

    def target(self, text: str, namespace: str) -> str:
        """The full reference that a text in this field means; raises InputError when it means none."""
        base = namespace if self.inherits else DEFAULT_NAMESPACE
        if len(text) > _REMEMBERED:
            ref = str(parse_ref(text, self.default_kind, base))
        else:
            ref = resolve_ref(text, self.default_kind, base)
        if self.allowed is not None and ref.partition(":")[0] not in self.allowed:
            kinds = " or ".join(self.allowed)
            raise InputError(f'must refer to an entity of kind {kinds} but refers to "{ref}"')
        return ref

    def texts(self, spec: dict[str, Any]) -> list[str]:
        """The references written in this field, as they stand; other values are the schema's business."""
        value = spec.get(self.keys[0])
        if value is None:
            return []
        if len(self.keys) == 1:
            if isinstance(value, str):
                return [value]
            return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
        return [text for _, text in self.places(spec)]

    def places(self, spec: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        """The same with the path of each."""
        return _strings(spec, self.keys, ("spec",))


class Shape:
    """What one value of `spec.type` demands, and the relations it gives."""

    def __init__(self, declaration: Declaration, variant: Variant) -> None:
        self.schema = merged_schema(declaration, variant)
        self.fields = tuple(Field.of(item) for item in (*declaration.relations, *variant.relations))
        self.validator = jsonschema_rs.validator_for(self.schema, validate_formats=False, offline=True)


@dataclass(frozen=True)
class Kind:
    """One kind of entity, ready to check entities. Made by `load_kind`."""

    declaration: Declaration
    shapes: dict[str, Shape] = field(repr=False)
    shape: Shape = field(repr=False)

    @property
    def name(self) -> str:
        return self.declaration.kind

    @property
    def plural(self) -> str:
        return self.declaration.plural

    @property
    def longest_name(self) -> int:
        return self.declaration.longest_name

    @property
    def description(self) -> str:
        return self.declaration.description

    @property
    def api_versions(self) -> tuple[str, ...]:
        return tuple(self.declaration.api_versions)

    def relation_pairs(self) -> set[tuple[str, str]]:
        """Every (relation, inverse) that entities of this kind can have."""
        shapes = (self.shape, *self.shapes.values())
        return {(item.relation, item.inverse) for shape in shapes for item in shape.fields}

    def problems(self, entity: dict[str, Any]) -> list[Problem]:
        """Every mistake in `spec`: fields of the wrong form, and references that cannot be read."""
        spec = entity.get("spec")
        if spec is None and "spec" not in entity:
            return [Problem("is required", ("spec",))] if self.declaration.spec_required else []
        shape = self._shape(spec)
        found: list[Problem] = []
        try:
            if not shape.validator.is_valid(spec):
                found = spec_problems(shape.validator.iter_errors(spec))
        except ValueError as error:  # what JSON cannot hold: keys that are no strings, dates, sets
            found = [Problem(f"cannot be checked: {error}", ("spec",))]
        if isinstance(spec, dict):
            namespace = _namespace(entity)
            refused = {problem.path for problem in found}  # one word on a field is enough
            for item in shape.fields:
                found += [bad for bad in _bad_refs(item, spec, namespace) if bad.path not in refused]
        return found

    def relations(self, entity: dict[str, Any]) -> list[Relation]:
        """The relations of a valid entity in both directions, sorted, none twice."""
        spec = entity.get("spec")
        if not isinstance(spec, dict):
            return []
        source = entity_ref(entity)
        namespace = _namespace(entity)
        found = set()
        for item in self._shape(spec).fields:
            for text in item.texts(spec):
                target = item.target(text, namespace)
                found.add(Relation(source, item.relation, target))
                found.add(Relation(target, item.inverse, source))
        return sorted(found)

    def _shape(self, spec: Any) -> Shape:
        if self.shapes and isinstance(spec, dict):
            of_type = spec.get("type")
            if isinstance(of_type, str):
                return self.shapes.get(of_type, self.shape)
        return self.shape


def load_kind(source: Mapping[str, Any] | type[BaseModel]) -> Kind:
    """A kind from its declaration (mapping or pydantic model); raises ConfigError with all problems."""
    declaration = read_declaration(source)
    shapes = {name: Shape(declaration, variant) for name, variant in declaration.types.items()}
    return Kind(declaration, shapes, Shape(declaration, declaration.otherwise))


def _bad_refs(item: Field, spec: dict[str, Any], namespace: str) -> list[Problem]:
    try:
        for text in item.texts(spec):
            item.target(text, namespace)
    except InputError:
        pass  # rare: go again, slowly, to say where
    else:
        return []
    found = []
    for path, text in item.places(spec):
        try:
            item.target(text, namespace)
        except InputError as error:
            found.append(Problem(str(error), path))
    return found


def _namespace(entity: dict[str, Any]) -> str:
    metadata = entity.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) and namespace else DEFAULT_NAMESPACE


def _strings(value: Any, keys: tuple[str, ...], path: Path) -> Iterator[tuple[Path, str]]:
    """The strings at a dotted path, stepping into every entry of the lists on the way."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, keys, (*path, index))
    elif keys:
        if isinstance(value, dict) and keys[0] in value:
            yield from _strings(value[keys[0]], keys[1:], (*path, keys[0]))
    elif isinstance(value, str):
        yield path, value
