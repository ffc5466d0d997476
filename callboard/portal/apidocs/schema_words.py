"""Says in words what a JSON Schema allows: its type, and the limits on its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.portal.apidocs.document import inner, text
from callboard.portal.apidocs.references import References, name_of

_MAX_DEPTH = 6

_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matches {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} keys",
    "maxProperties": "at most {} keys",
    "contentMediaType": "holds {}",
    "contentEncoding": "encoded as {}",
}
_FLAGS = {"readOnly": "read only", "writeOnly": "write only", "uniqueItems": "no item twice"}


def type_words(schema: Mapping[str, Any], references: References, depth: int = 0) -> str:
    """`string (date)`, `array of Pet`, `integer or null`; `anything` when the schema does not say."""
    given = schema.get("type")
    types = [text(each, 80) for each in given[:10]] if isinstance(given, list) else [text(given, 80)]
    if not any(types):
        types = [_implied(schema)]
    words = " or ".join(each for each in types if each)
    if "array" in types:
        words = words.replace("array", f"array of {_items(schema, references, depth)}", 1)
    if schema_format := text(schema.get("format"), 80):
        words = f"{words} ({schema_format})"
    return f"{words} or null" if schema.get("nullable") is True and "null" not in types else words


def limits(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Each restriction in words, in a fixed order."""
    found = []
    for key, words in _LIMITS.items():
        if isinstance(value := schema.get(key), bool):
            # In OpenAPI 3.0 `exclusiveMinimum: true` sharpens `minimum`.
            found += [f"{words.format('the limit')}"] if value and key.startswith("exclusive") else []
        elif written := text(value, 300):
            found.append(words.format(written))
    found += [words for key, words in _FLAGS.items() if schema.get(key) is True]
    if schema.get("additionalProperties") is False:
        found.append("no other keys")
    return tuple(found)


def _implied(schema: Mapping[str, Any]) -> str:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    for key, words in {"oneOf": "one of several", "anyOf": "any of several"}.items():
        if schema.get(key):
            return words
    return "object" if schema.get("allOf") else "anything"


def _items(schema: Mapping[str, Any], references: References, depth: int) -> str:
    item = inner(schema, "items")
    if not item or depth >= _MAX_DEPTH:
        return "anything"
    followed = references.follow(item)
    return name_of(followed.pointers[-1]) if followed.pointers else type_words(item, references, depth + 1)
