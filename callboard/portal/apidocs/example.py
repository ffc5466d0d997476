"""Makes an example value for a JSON Schema, for people to start from when they try an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.portal.apidocs.document import as_json, inner, items
from callboard.portal.apidocs.references import References

_MAX_NODES = 300
_MAX_DEPTH = 8
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "ZXhhbXBsZQ==",
}


def example_text(schema: Any, references: References) -> str:
    """An example of a schema (any JSON value, hence Any) as indented JSON, empty when it would be huge."""
    return as_json(example_of(schema, references))


def example_of(schema: Any, references: References) -> Any:
    """An example: what the schema gives as one, else made from its type. Recursion ends with null."""
    return _Maker(references).make(schema, frozenset(), 0)


class _Maker:
    def __init__(self, references: References) -> None:
        self._references = references
        self._left = _MAX_NODES

    def make(self, value: Any, trail: frozenset[str], depth: int) -> Any:
        self._left -= 1
        followed = self._references.follow(value)
        schema = followed.value
        if followed.failure or self._left <= 0 or depth > _MAX_DEPTH or trail & set(followed.pointers):
            return None
        for key in ("example", "default", "const"):
            if key in schema:
                return schema[key]
        for key in ("examples", "enum"):
            if given := items(schema, key):
                return given[0]
        trail |= frozenset(followed.pointers)
        for key in ("oneOf", "anyOf"):
            if (options := items(schema, key)) and "properties" not in schema:
                return self.make(options[0], trail, depth + 1)
        if parts := items(schema, "allOf"):
            return self._combined(schema, parts, trail, depth)
        return self._typed(schema, trail, depth)

    def _combined(
        self, schema: Mapping[str, Any], parts: list[Any], trail: frozenset[str], depth: int
    ) -> Any:
        made = [self.make(part, trail, depth + 1) for part in parts[:20]]
        own = self._typed(schema, trail, depth) if "properties" in schema else None
        objects = [each for each in (*made, own) if isinstance(each, dict)]
        if objects:
            return {key: value for each in objects for key, value in each.items()}
        return next((each for each in made if each is not None), None)

    def _typed(self, schema: Mapping[str, Any], trail: frozenset[str], depth: int) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), None)
        if "properties" in schema or kind == "object":
            fields = inner(schema, "properties").items()
            # What only the server may set does not belong into a request.
            shown = [(key, each) for key, each in fields if not inner({"": each}, "").get("readOnly")]
            return {key: self.make(each, trail, depth + 1) for key, each in shown if self._left > 0}
        if "items" in schema or kind == "array":
            item = self.make(schema.get("items"), trail, depth + 1)
            return [] if item is None else [item]
        if kind in ("integer", "number"):
            lowest = schema.get("minimum")
            return lowest if isinstance(lowest, int | float) and not isinstance(lowest, bool) else 0
        if kind == "boolean":
            return True
        if kind == "string":
            return _FORMATS.get(str(schema.get("format")), "text")
        return None
