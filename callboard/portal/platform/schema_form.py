"""A form of the JSON schema of a configuration: its fields. Pure, and of any schema: it is somebody else's.

What a form can ask for are texts, numbers, yes and no, choices, lists of texts and secrets, also one level
down; everything else is asked for as YAML. `schema_input` reads what was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Kind = Literal["text", "number", "integer", "switch", "choice", "lines", "secret", "yaml"]
Schema = Mapping[str, Any]
Path = tuple[str, ...]

MISSING: Any = object()
"""Stands where there is no value at all; null is a value."""
MAX_FIELDS = 200
_DEPTH = 20  # of references to references
_PLAIN: dict[Any, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "switch"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `options` are the values of a choice as JSON text; `group` is the title of the object it is
    part of; `limits` are attributes of the input such as `min`."""

    path: Path
    label: str
    hint: str
    kind: Kind
    required: bool
    nullable: bool
    default: Any
    options: tuple[str, ...] = ()
    group: str = ""
    limits: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Of the input: a JSON pointer, since a key may hold any character."""
        return "config" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in self.path)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen: the text that is sent, and how it is shown."""
        if self.kind == "switch":
            return [("yes", "yes"), ("no", "no")]
        return [(one, str(orjson.loads(one)) if one.startswith('"') else one) for one in self.options]

    @property
    def optional_switch(self) -> bool:
        """A yes or no that may also be neither."""
        return self.kind == "switch" and (self.nullable or self.default is MISSING)


def fields_of(schema: Any) -> list[Field]:
    """The fields of a schema (JSON, hence Any), in its order; nothing of what is no schema of an object."""
    if not isinstance(schema, Mapping):
        return []
    found = list(_fields(schema, schema, (), "", required=True))
    return found[:MAX_FIELDS]


def _fields(root: Schema, of: Schema, above: Path, group: str, *, required: bool) -> Iterator[Field]:
    wanted = of.get("required")
    demanded = set(map(str, wanted)) if isinstance(wanted, list) else set()
    for key, declared in _properties(of).items():
        schema, nullable = _plain(declared, root)
        path, label = (*above, key), _label(declared, key)
        if not above and _properties(schema) and schema.get("type") == "object":
            yield from _fields(root, schema, path, label, required=required and key in demanded)
            continue
        default = schema.get("default", MISSING)
        yield Field(
            path=path,
            label=label,
            hint=_text(schema.get("description")),
            kind=_kind(schema, root),
            required=required and key in demanded,
            nullable=nullable,
            default=default,
            options=_options(schema),
            group=group,
            limits=tuple(_limits(schema)),
        )


def _properties(schema: Schema) -> Mapping[str, Schema]:
    found = schema.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {str(key): one for key, one in found.items() if isinstance(one, Mapping)}


def _plain(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """The schema with its reference and a "or null" resolved, and whether it may be null."""
    nullable = False
    for _ in range(_DEPTH):
        own = {key: schema[key] for key in ("default", "description", "title") if key in schema}
        inner: Any = None
        if isinstance(schema.get("$ref"), str):
            inner = _referred(schema["$ref"], root)
        elif isinstance(schema.get("anyOf"), list):
            rest = [one for one in schema["anyOf"] if one != {"type": "null"}]
            nullable = nullable or len(rest) < len(schema["anyOf"])
            inner = rest[0] if len(rest) == 1 else None
        elif isinstance(schema.get("allOf"), list) and len(schema["allOf"]) == 1:
            inner = schema["allOf"][0]
        if not isinstance(inner, Mapping):
            break
        schema = {**inner, **own}
    return schema, nullable


def _referred(reference: str, root: Schema) -> Any:
    """Only what stands in the same schema: nothing is fetched."""
    definitions = root.get("$defs")
    known = definitions if isinstance(definitions, Mapping) else {}
    return known.get(reference.removeprefix("#/$defs/"))


def _kind(schema: Schema, root: Schema) -> Kind:
    type_ = schema.get("type")
    if is_secret(schema):
        return "secret"
    if _options(schema):
        return "choice"
    if isinstance(type_, str) and type_ in _PLAIN and "const" not in schema:
        return _PLAIN[type_]
    items = schema.get("items")
    if type_ == "array" and isinstance(items, Mapping):
        item, _ = _plain(items, root)
        if item.get("type") == "string" and not is_secret(item):
            return "lines"
    return "yaml"


def is_secret(schema: Schema) -> bool:
    """As pydantic marks SecretStr."""
    return schema.get("format") == "password" or schema.get("writeOnly") is True


def _options(schema: Schema) -> tuple[str, ...]:
    listed = schema.get("enum")
    if not isinstance(listed, list) or not listed:
        return ()
    if not all(isinstance(one, str | int | float | bool) for one in listed):
        return ()
    return tuple(orjson.dumps(one).decode() for one in listed[:500])


def _limits(schema: Schema) -> Iterator[tuple[str, str]]:
    for key, attribute in (
        ("minimum", "min"),
        ("maximum", "max"),
        ("minLength", "minlength"),
        ("maxLength", "maxlength"),
    ):
        value = schema.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield attribute, f"{value:g}" if isinstance(value, float) else str(value)


def _label(declared: Schema, key: str) -> str:
    title = declared.get("title")
    if isinstance(title, str) and title.strip():
        return title[:200]
    return key.replace("_", " ").replace("-", " ").capitalize()[:200]


def _text(value: Any) -> str:
    return value[:1000] if isinstance(value, str) else ""
