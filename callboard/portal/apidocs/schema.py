"""Makes JSON Schemas into trees that a template can print: references resolved, cycles and size bounded.

A named schema is shown whole in one place; where it is used inside another one, the tree holds its name
and a link. That keeps a page in proportion to the definition, whatever refers to what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from callboard.portal.apidocs.document import as_json, inner, items, text
from callboard.portal.apidocs.references import References, name_of
from callboard.portal.apidocs.schema_words import limits, type_words

MAX_NODES = 12_000
MAX_DEPTH = 12
_MAX_FIELDS = 1_000
_MAX_VALUES = 200
_BRANCHES = {"oneOf": "One of", "anyOf": "Any of", "not": "Not"}


@dataclass(frozen=True, slots=True)
class Branch:
    """Alternatives of a schema; `label` says how they combine."""

    label: str
    options: tuple[Schema, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A node of a tree. `target` is the anchor of the named schema `ref`; `cut` says why nothing follows."""

    type: str
    name: str = ""
    ref: str = ""
    target: str = ""
    required: bool = False
    deprecated: bool = False
    description: str = ""
    limits: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    default: str = ""
    example: str = ""
    fields: tuple[Schema, ...] = ()
    branches: tuple[Branch, ...] = ()
    cut: str = ""


@dataclass(slots=True)
class _Part:
    """A schema with what `allOf` adds to it, in order, and the pointers that led to any of it."""

    schemas: list[Mapping[str, Any]] = field(default_factory=list)
    pointers: frozenset[str] = frozenset()
    failure: str = ""


class Trees:
    """Makes the trees of one definition, which share a budget of nodes.

    `named` maps the pointers of named schemas to their anchors. With `follow=False` every use of a named
    schema is a link, also at the root: large definitions stay readable that way.
    """

    def __init__(
        self, references: References, named: Mapping[str, str], *, nodes: int = MAX_NODES, follow: bool = True
    ) -> None:
        self._references = references
        self._named = named
        self._left = nodes
        self._follow = follow

    def tree(self, value: Any, *, name: str = "", required: bool = False) -> Schema:
        """The tree of a schema (any JSON value, hence Any) as it is used at one place."""
        return self._node(value, name, required, frozenset(), 0)

    def own_tree(self, pointer: str, value: Any, *, name: str) -> Schema:
        """The tree of a named schema, for the one place where it is shown whole."""
        return self._node(value, name, False, frozenset({pointer}), 0)

    def _node(self, value: Any, name: str, required: bool, trail: frozenset[str], depth: int) -> Schema:
        self._left -= 1
        if isinstance(value, bool):
            return Schema("anything" if value else "nothing", name, required=required)
        if not isinstance(value, dict):
            return Schema("anything", name, required=required, cut="this is not a schema" if value else "")
        followed = self._references.follow(value)
        schema = followed.value
        pointer = followed.pointers[-1] if followed.pointers else ""
        node = self._described(schema, name, required)
        if pointer:
            node = replace(node, ref=name_of(pointer), target=self._named.get(pointer, ""))
        if followed.failure:
            return replace(node, type=node.ref, cut=followed.failure)
        if pointer in trail:
            return replace(node, cut="" if node.target else "shown above")
        if node.target and (trail or not self._follow):
            return node
        if depth >= MAX_DEPTH or self._left <= 0:
            return replace(node, cut="nested too deep to show" if depth >= MAX_DEPTH else "too large to show")
        return self._filled(node, schema, trail | frozenset(followed.pointers), depth)

    def _described(self, schema: Mapping[str, Any], name: str, required: bool) -> Schema:
        values = schema.get("enum") if isinstance(schema.get("enum"), list) else None
        values = values or ([schema["const"]] if "const" in schema else [])
        example = schema.get("example", next(iter(items(schema, "examples")), None))
        return Schema(
            type_words(schema, self._references),
            name,
            required=required,
            deprecated=schema.get("deprecated") is True,
            description=text(schema.get("description") or schema.get("title"), 4_000),
            limits=limits(schema),
            values=tuple(as_json(value, 500) for value in values[:_MAX_VALUES]),
            default=as_json(schema["default"], 500) if "default" in schema else "",
            example="" if example is None else as_json(example, 500),
        )

    def _filled(self, node: Schema, schema: Mapping[str, Any], trail: frozenset[str], depth: int) -> Schema:
        part = _Part(pointers=trail)
        self._combine(schema, part, 0)
        fields: dict[str, Schema] = {}
        branches: list[Branch] = []
        for each in part.schemas:
            wanted = {key for key in items(each, "required") if isinstance(key, str)}
            for key, value in list(inner(each, "properties").items())[:_MAX_FIELDS]:
                if self._left > 0 and key not in fields:
                    fields[key] = self._node(value, key, key in wanted, part.pointers, depth + 1)
            for key in wanted & fields.keys():
                fields[key] = replace(fields[key], required=True)
            if isinstance(extra := each.get("additionalProperties"), dict) and extra:
                fields.setdefault("*", self._node(extra, "any other key", False, part.pointers, depth + 1))
            branches += self._branches(each, part.pointers, depth)
        item = next((each["items"] for each in part.schemas if isinstance(each.get("items"), dict)), None)
        if item is not None and not fields:
            inside = self._node(item, "", False, part.pointers, depth + 1)
            fields = {str(place): each for place, each in enumerate(inside.fields)}
            branches += inside.branches
            node = replace(
                node,
                ref=node.ref or inside.ref,
                target=node.target or inside.target,
                values=node.values or inside.values,
                description=node.description or inside.description,
                cut=inside.cut,
            )
        if len(part.schemas) > 1 and node.type == "anything" and fields:
            node = replace(node, type="object")
        cut = node.cut or part.failure or ("too large to show whole" if self._left <= 0 else "")
        return replace(node, fields=tuple(fields.values()), branches=tuple(branches), cut=cut)

    def _combine(self, schema: Mapping[str, Any], part: _Part, depth: int) -> None:
        """Collect a schema and what it extends by `allOf`, each referenced one once."""
        self._left -= 1
        part.schemas.append(schema)
        if depth >= MAX_DEPTH or self._left <= 0:
            part.failure = "combines too much to show whole"
            return
        for each in items(schema, "allOf")[:_MAX_FIELDS]:
            followed = self._references.follow(each)
            if part.pointers.isdisjoint(followed.pointers):
                part.pointers |= frozenset(followed.pointers)
                part.failure = part.failure or followed.failure
                self._combine(followed.value, part, depth + 1)

    def _branches(self, schema: Mapping[str, Any], trail: frozenset[str], depth: int) -> list[Branch]:
        found = []
        for key, label in _BRANCHES.items():
            options = schema.get(key)
            listed = [options] if isinstance(options, dict) else options if isinstance(options, list) else []
            nodes = [self._node(option, "", False, trail, depth + 1) for option in listed[:_MAX_VALUES]]
            if nodes:
                found.append(Branch(label, tuple(nodes)))
        return found
