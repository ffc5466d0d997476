"""The shape in which a kind is declared: as YAML, or as a pydantic model of its `spec`.

A declaration is data that plugins ship and people write; every mistake in it is listed with its path.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import jsonschema_rs
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from callboard.core.errors import ConfigError, Path, Problem
from callboard.model.format import API_VERSION, KIND, LONGEST_NAME, is_api_version, is_kind

_Strict = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)
_Word = Annotated[str, StringConstraints(pattern=r"^\w+$")]


class RelationField(BaseModel):
    """A field of `spec` whose references become relations, from this entity and back to it."""

    model_config = _Strict

    path: Annotated[str, StringConstraints(pattern=r"^spec(\.[^.]+)+$")]
    relation: _Word
    inverse: _Word
    default_kind: str | None = Field(None, alias="defaultKind")
    default_namespace: Literal["inherit", "default"] = Field("inherit", alias="defaultNamespace")
    allowed_kinds: list[str] | None = Field(None, alias="allowedKinds")


class Variant(BaseModel):
    """What is particular to one `spec.type`, added to what all types share."""

    model_config = _Strict

    description: str = ""
    spec_schema: dict[str, Any] = Field(default_factory=dict, alias="schema")
    relations: list[RelationField] = []


class Declaration(Variant):
    """A kind: its names, the versions it answers to, the JSON Schema of its `spec` and its relations.

    `types` adds to the schema and the relations for some values of `spec.type`, `otherwise` for all others.
    `longestName` is for kinds whose entities are named elsewhere, by rules that let names be longer.
    """

    kind: str
    plural: str
    api_versions: Annotated[list[str], Field(min_length=1, alias="apiVersions")]
    spec_required: bool = Field(True, alias="specRequired")
    longest_name: int = Field(LONGEST_NAME, alias="longestName", ge=LONGEST_NAME, le=253)
    types: dict[str, Variant] = {}
    otherwise: Variant = Variant()


@dataclass(frozen=True, slots=True)
class Reference:
    """Marks a field of a pydantic model as holding references.

    Written `owner: Annotated[str, Reference("ownedBy", "ownerOf", default_kind="Group")]`.
    """

    relation: str
    inverse: str
    default_kind: str | None = None
    default_namespace: Literal["inherit", "default"] = "inherit"
    allowed_kinds: tuple[str, ...] | None = None


def read_declaration(source: Mapping[str, Any] | type[BaseModel]) -> Declaration:
    """Check a declaration; raises ConfigError with all problems found."""
    data = source if isinstance(source, Mapping) else _from_model(source)
    try:
        declaration = Declaration.model_validate(dict(data))
    except ValidationError as error:
        raise ConfigError([Problem(_words(item), tuple(item["loc"])) for item in error.errors()]) from error
    problems = _problems(declaration)
    if problems:
        raise ConfigError(problems)
    return declaration


def merged_schema(declaration: Declaration, variant: Variant) -> dict[str, Any]:
    """The JSON Schema of `spec` for one type: what is shared and what is particular, in one mapping."""
    shared, own = declaration.spec_schema, variant.spec_schema
    merged = {"type": "object", **shared, **own}
    merged["properties"] = {**shared.get("properties", {}), **own.get("properties", {})}
    merged["required"] = list(dict.fromkeys([*shared.get("required", []), *own.get("required", [])]))
    return merged


def _problems(declaration: Declaration) -> list[Problem]:
    """What the types of the fields alone cannot say."""
    problems = []
    if not is_kind(declaration.kind):
        problems.append(Problem(f"must be {KIND.expected}", ("kind",)))
    for index, version in enumerate(declaration.api_versions):
        if not is_api_version(version):
            problems.append(Problem(f"must be {API_VERSION.expected}", ("apiVersions", index)))
    parts: list[tuple[Path, Variant]] = [((), declaration), (("otherwise",), declaration.otherwise)]
    parts += [(("types", name), variant) for name, variant in declaration.types.items()]
    for path, variant in parts:
        try:
            jsonschema_rs.meta.validate(variant.spec_schema)
            schema = merged_schema(declaration, variant)
            jsonschema_rs.validator_for(schema, validate_formats=False, offline=True)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            problems.append(Problem(f"is not a JSON Schema: {error}".splitlines()[0], (*path, "schema")))
            if not path:
                break  # the types add to what is shared, so they cannot be judged without it
            continue
        for index, field in enumerate(variant.relations):
            name = field.path.split(".")[1]
            if name not in schema["properties"]:
                text = f'leads to "{name}", which the schema does not describe'
                problems.append(Problem(text, (*path, "relations", index, "path")))
    return problems


def _from_model(model: type[BaseModel]) -> dict[str, Any]:
    """A declaration from a class: `declares` names the kind, its fields are the fields of `spec`."""
    declares = getattr(model, "declares", None)
    if not isinstance(declares, Mapping):
        text = f"{model.__name__} needs a class variable `declares` with kind, plural and apiVersions"
        raise ConfigError([Problem(text)])
    schema = model.model_json_schema(by_alias=True)
    schema.pop("title", None)
    schema.pop("description", None)
    relations = []
    for name, field in model.model_fields.items():
        for mark in (item for item in field.metadata if isinstance(item, Reference)):
            relations.append(
                {
                    "path": f"spec.{field.serialization_alias or field.alias or name}",
                    "relation": mark.relation,
                    "inverse": mark.inverse,
                    "defaultKind": mark.default_kind,
                    "defaultNamespace": mark.default_namespace,
                    "allowedKinds": list(mark.allowed_kinds) if mark.allowed_kinds is not None else None,
                }
            )
    return {
        "description": inspect.cleandoc(model.__doc__ or ""),
        "schema": schema,
        "relations": relations,
        **declares,
    }


def _words(error: Any) -> str:
    """Pydantic's message in our words where it is unclear; `error` is one of its error mappings."""
    if error["type"] == "missing":
        return "is required"
    if error["type"] == "extra_forbidden":
        return "is not a field of a kind"
    return str(error["msg"])[:1].lower() + str(error["msg"])[1:]
