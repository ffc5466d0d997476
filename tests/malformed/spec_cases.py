"""A value of the wrong type in every field of every kind's `spec`, taken from the kinds themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml

from callboard.core.errors import Path, field_name
from callboard.model import Kind, Model
from tests.malformed.case import MARK, Case, one

Schema = dict[str, Any]

WRONG = 7654321
"""No field takes a number, and no other line of a case holds this one."""
LEAST: dict[str, Schema] = {
    "AiResource": {"type": "other", "lifecycle": "production", "owner": "crew"},
    "AiResource rule": {"category": "security", "rationale": "Because."},
    "AiResource plugin": {"skills": ["lamp"]},
    "AiResource marketplace": {"plugins": ["lamp"]},
    "API": {"type": "openapi", "lifecycle": "production", "owner": "crew", "definition": "openapi: 3.1.0"},
    "API mcp-server": {"remotes": [{"type": "sse", "url": "https://a.example"}]},
    "Component": {"type": "service", "lifecycle": "production", "owner": "crew"},
    "Domain": {"owner": "crew"},
    "Group": {"type": "team", "children": []},
    "Location": {},
    "Resource": {"type": "database", "owner": "crew"},
    "System": {"owner": "crew"},
    "Template": {"type": "service", "steps": []},
    "User": {"memberOf": []},
}
"""What a healthy `spec` of each kind, and of each of its special types, holds at least."""


def _fields(schema: Schema, definitions: Schema, path: Path = ()) -> Iterator[Path]:
    """The path of every field and of every list's first item that the schema gives a type."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if path and not {"type", "enum", "oneOf"}.isdisjoint(schema):
        yield path
    for name, inner in schema.get("properties", {}).items():
        yield from _fields(inner, definitions, (*path, name))
    if "items" in schema:
        yield from _fields(schema["items"], definitions, (*path, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _fields(schema["additionalProperties"], definitions, (*path, "anything"))


def _put(base: Any, path: Path, value: Any) -> Any:
    """A copy of `base` with `value` at `path`; what is missing on the way is made."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        items = list(base) if isinstance(base, list) else []
        return [_put(items[0] if items else None, rest, value), *items[1:]]
    fields = dict(base) if isinstance(base, dict) else {}
    if key in ("steps",) and rest and rest[1:]:
        fields[key] = [{"action": "debug:log"}]
    return {**fields, key: _put(fields.get(key), rest, value)}


def _cases(kind: Kind) -> Iterator[Case]:
    shapes = [("", kind.shape), *kind.shapes.items()]
    for variant, shape in shapes:
        base = deepcopy(LEAST[kind.name])
        if variant:
            base = {**base, "type": variant, **LEAST.get(f"{kind.name} {variant}", {})}
            base.pop("definition", None)
        seen = set(_fields(kind.shape.schema, kind.shape.schema.get("$defs", {}))) if variant else set()
        for path in _fields(shape.schema, shape.schema.get("$defs", {})):
            if path not in seen:
                yield _case(kind, variant, base, path)


def _case(kind: Kind, variant: str, base: Schema, path: Path) -> Case:
    slug = "-".join("item" if isinstance(part, int) else part for part in path)
    words = (kind.name, variant, re.sub(r"[^A-Za-z0-9]+", "-", slug).strip("-"))
    entity = {
        "apiVersion": kind.api_versions[0],
        "kind": kind.name,
        "metadata": {"name": "NAME-in-it"},
        "spec": _put(base, path, WRONG),
    }
    text = yaml.safe_dump(entity, sort_keys=False).replace(str(WRONG), f"{WRONG} {MARK}")
    # Template's long paths would make names that no entity may have.
    name = "wrong-" + "-".join(filter(None, words)).lower().replace("experimental-", "").replace(
        "backstage-", ""
    )
    return one(name[:54].rstrip("-"), text, f"but is a number ({WRONG})", field_name(("spec", *path)))


CASES = [case for kind in Model.builtin().kinds for case in _cases(kind)]
