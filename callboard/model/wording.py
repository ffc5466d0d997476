"""How mistakes are put into words, so that every check speaks the same way."""

from __future__ import annotations

import json
from typing import Any

_LONGEST = 120
_MOST_BITS = 1024
_NAMES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


def type_names(types: list[str]) -> str:
    """JSON Schema types as people say them: `["string", "array"]` is `a string or a list`."""
    return " or ".join(_NAMES.get(name, name) for name in types)


def shown(value: Any) -> str:
    """A value as it may be printed in a message: strings bare and shortened, mappings and lists hinted at.

    Never walks into a value: it may be ten thousand levels deep or an integer of a million digits.
    """
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a very large number"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def described(value: Any) -> str:
    """What a value is, for `must be … but is …`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"a number ({shown(value)})"
    if isinstance(value, str):
        return f'a string ("{shown(value)}")'
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__}"
