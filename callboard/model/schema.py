"""JSON Schemas of whole entities (draft 2020-12), for editors and for other programs.

Not what the catalog validates with: format.py and kind.py say more, and say it better.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from callboard.model.declaration import Variant
from callboard.model.kind import Kind
from callboard.model.packaged import read_packaged

if TYPE_CHECKING:
    from callboard.model.model import Model

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_FROM_FILE = "x-from-file"
_DEFS = "#/$defs/"


def kind_schema(kind: Kind) -> dict[str, Any]:
    """The schema of an entity of one kind."""
    return {"$schema": DRAFT, **_entity(kind, prefix="")}


def catalog_schema(model: Model) -> dict[str, Any]:
    """One schema for every kind of a model: the entity's `kind` says which part applies."""
    definitions: dict[str, Any] = {}
    rules = []
    for name in dict.fromkeys(kind.name for kind in model.kinds):
        refs = []
        for number, kind in enumerate(item for item in model.kinds if item.name == name):
            key = name if number == 0 else f"{name}-{number + 1}"
            entity = _entity(kind, prefix=f"{key}-")
            definitions.update(entity.pop("$defs", {}))
            definitions[key] = entity
            refs.append({"$ref": _DEFS + key})
        condition = {"properties": {"kind": {"const": name}}, "required": ["kind"]}
        rules.append({"if": condition, "then": refs[0] if len(refs) == 1 else {"oneOf": refs}})
    names = list(dict.fromkeys(kind.name for kind in model.kinds))
    versions = list(dict.fromkeys(version for kind in model.kinds for version in kind.api_versions))
    return {
        "$schema": DRAFT,
        "title": "Catalog entity",
        "description": "A descriptor of anything that the software catalog knows.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {"apiVersion": {"enum": versions}, "kind": {"enum": names}},
        "allOf": rules,
        "$defs": definitions,
    }


def _entity(kind: Kind, prefix: str) -> dict[str, Any]:
    """The schema without its draft. `prefix` keeps definitions of several kinds apart in one document."""
    declared = kind.declaration
    spec = _editable(declared.spec_schema, prefix)
    definitions = {prefix + name: value for name, value in spec.pop("$defs", {}).items()}
    spec.setdefault("type", "object")
    rules = []
    for name, variant in declared.types.items():
        condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
        rules.append({"if": condition, "then": _part(variant, prefix)})
    if declared.otherwise.spec_schema:
        named = {"properties": {"type": {"enum": list(declared.types)}}, "required": ["type"]}
        rules.append({"if": {"not": named}, "then": _part(declared.otherwise, prefix)})
    if rules:
        spec["allOf"] = [*spec.get("allOf", []), *rules]
    schema: dict[str, Any] = {
        "title": kind.name,
        "description": kind.description,
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", *(["spec"] if declared.spec_required else [])],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"enum": list(kind.api_versions), "description": "The version of the kind."},
            "kind": {"const": kind.name, "description": kind.description},
            "metadata": deepcopy(_metadata()),
            "spec": spec,
        },
    }
    return schema | ({"$defs": definitions} if definitions else {})


def _part(variant: Variant, prefix: str) -> dict[str, Any]:
    part: dict[str, Any] = _editable(variant.spec_schema, prefix)
    return {"description": variant.description, **part} if variant.description else part


def _editable(value: Any, prefix: str) -> Any:
    """A copy in which local references lead to the root, and texts may be named by a file instead."""
    if isinstance(value, list):
        return [_editable(item, prefix) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _editable(item, prefix) for key, item in value.items() if key != _FROM_FILE}
    target = copy.get("$ref")
    if isinstance(target, str) and target.startswith(_DEFS):
        copy["$ref"] = _DEFS + prefix + target.removeprefix(_DEFS)
    if value.get(_FROM_FILE) is True:
        return {"description": copy.pop("description", ""), "anyOf": [copy, _placeholder()]}
    return copy


def _placeholder() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The content of a file: $text as it is, $json and $yaml as data.",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": r"^\$"},
        "additionalProperties": {"type": "string"},
    }


@cache
def _metadata() -> dict[str, Any]:
    return read_packaged("envelope.yaml")
