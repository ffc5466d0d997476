"""Shows how a plugin is configured: the fields of its schema in words, and its examples as YAML. Pure.

Both were written by others: what cannot be understood is left out, and nothing raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import ryaml

from callboard.marketplace.model import Release
from callboard.marketplace.reading import mapping, text
from callboard.marketplace.site import shown
from callboard.marketplace.site.prose import line, said

MOST, DEEPEST = 100, 4
EXAMPLES, LONGEST = 12, 20_000
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "array": "list",
    "object": "mapping",
}
Schema = Mapping[str, Any]
"""JSON Schema, hence Any."""


def configuration_of(releases: Sequence[Release]) -> shown.Configuration:
    """Of the newest releases of a listing's packages, one each."""
    options: list[shown.Option] = []
    examples: list[shown.Example] = []
    several = sum(1 for one in releases if one.config_examples) > 1
    for one in releases:
        if one.config_schema is not None:
            options += _options(one.config_schema, one.config_schema, one.config_key, DEEPEST)
        package = line(one.package.name, 214) if several and one.package else ""
        for example in one.config_examples:
            code = _yaml(example.get("content"))
            if code:
                title = line(text(example.get("title")), 100) or "Example"
                examples.append(shown.Example(title, package, code))
    unneeded = bool(releases) and all(one.needs_no_config for one in releases)
    return shown.Configuration(tuple(options[:MOST]), tuple(examples[:EXAMPLES]), unneeded)


def _yaml(content: Any) -> str:
    """JSON of any shape as YAML; a text is taken as the YAML that somebody wrote."""
    if not content:
        return ""
    code = content if isinstance(content, str) else ryaml.dumps(content)  # type: ignore[attr-defined]  # its stubs forget to export it
    return str(code).strip()[:LONGEST]


def _options(root: Schema, of: Schema, above: str, deep: int) -> Iterator[shown.Option]:
    wanted = of.get("required")
    required = set(map(str, wanted)) if isinstance(wanted, list) else set()
    for key, given in list(mapping(of.get("properties")).items())[:MOST]:
        declared = mapping(given)
        schema, name = _followed(root, declared), f"{above}.{key}" if above else str(key)
        if deep > 1 and mapping(schema.get("properties")):
            yield from _options(root, schema, name, deep - 1)
            continue
        about = text(declared.get("description")) or text(schema.get("description"))
        default = declared.get("default", schema.get("default"))
        yield shown.Option(
            line(name, 120),
            _type(root, schema),
            key in required,
            "" if default is None else line(_json(default), 80),
            said(about, 400),
        )


def _followed(root: Schema, schema: Schema) -> Schema:
    """The schema that a reference leads to, and the one that is left when null is another choice."""
    for _ in range(8):
        ref = text(schema.get("$ref"))
        choices = [
            mapping(one)
            for key in ("anyOf", "oneOf", "allOf")
            for one in (schema[key] if isinstance(schema.get(key), list) else ())
            if mapping(one).get("type") != "null"
        ]
        if ref.startswith("#/"):
            found: Any = root
            for part in ref[2:].split("/"):
                found = mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
            schema = mapping(found)
        elif len(choices) == 1:
            schema = choices[0]
        else:
            break
    return schema


def _type(root: Schema, schema: Schema) -> str:
    """What one may write, in words; empty where the schema does not say."""
    if isinstance(schema.get("enum"), list):
        return line("one of " + ", ".join(_json(one) for one in schema["enum"][:12]), 160)
    if "const" in schema:
        return line(_json(schema["const"]), 80)
    if schema.get("format") == "password" or schema.get("writeOnly") is True:
        return "secret"
    given = schema.get("type")
    names = [_TYPES.get(str(one), line(str(one), 20)) for one in _listed(given) if one != "null"]
    if names == ["list"]:
        of = _type(root, _followed(root, mapping(schema.get("items"))))
        return f"list of: {of}" if of else "list"
    return " or ".join(names)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _json(value: Any) -> str:
    return value if isinstance(value, str) and value else orjson.dumps(value).decode()
