"""Puts right the plain numbers that the parser reads unlike YAML 1.2: `010` is ten, `0b1` is text."""

from __future__ import annotations

import re
from typing import Any

from .yaml_marks import Node, outline

# Every document goes through this search: it begins with a literal, which is several times faster, and
# only then looks back at what precedes the number.
_CANDIDATE = re.compile(r"0(?:(?<=[\s\[,]0)|(?<=[\s\[,][-+]0))[0-9b][0-9]*(?=[\s,\]}]|\Z)")
_DECIMAL = re.compile(r"[-+]?0[0-9]+")
_BINARY = re.compile(r"[-+]?0b[01]+")


def may_misread_numbers(text: str) -> bool:
    """True when a document may hold such a number; false alarms (in block text) only cost time."""
    return _CANDIDATE.search(text) is not None


def with_core_numbers(text: str, value: Any) -> Any:
    """The parsed value of `text` with its plain numbers as YAML 1.2 defines them."""
    root = outline(text).root
    return _corrected(value, root) if root else value


def _corrected(value: Any, node: Node) -> Any:
    if isinstance(value, dict) and node.fields is not None:
        pairs = zip(value.items(), node.fields, strict=False)
        return {key: _corrected(item, inner) for (key, item), (_, inner) in pairs}
    if isinstance(value, list) and node.items is not None:
        return [_corrected(item, inner) for item, inner in zip(value, node.items, strict=False)]
    if node.is_plain and node.text:
        if isinstance(value, str) and _DECIMAL.fullmatch(node.text) and len(node.text) < 20:
            return int(node.text)
        if type(value) is int and _BINARY.fullmatch(node.text):
            return node.text
    return value
