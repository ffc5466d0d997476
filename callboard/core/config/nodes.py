"""Configuration values that remember where they were written, and how they merge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from ..errors import Path, Problem
from ..yaml_marks import Node as Mark

# Some reader of the configuration is JavaScript, where these keys reach into every object.
_POLLUTING = ("__proto__", "constructor", "prototype")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written: a file (or environment variable), its place there, and the file's folder."""

    source: str
    folder: FilePath
    line: int | None = None
    column: int | None = None

    def problem(self, message: str, path: Path = ()) -> Problem:
        return Problem(message, path, self.line, self.column, self.source)


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a mapping of nodes or a list of nodes."""

    value: Any  # Any: str | int | float | bool | None | dict[str, Node] | list[Node]
    origin: Origin

    def child(self, part: str | int) -> Node | None:
        if isinstance(part, str):
            return self.value.get(part) if isinstance(self.value, dict) else None
        return self.value[part] if isinstance(self.value, list) and part < len(self.value) else None


def to_node(
    value: Any, origin: Origin, problems: list[Problem], mark: Mark | None = None, path: Path = ()
) -> Node:
    """Plain values with their places, as far as `mark` knows them; dangerous keys become problems."""
    if isinstance(value, dict):
        fields = {}
        for key, item in value.items():
            place, inner = (mark and mark.child(key)) or (None, None)
            at = _at(origin, place)
            if key in _POLLUTING:
                problems.append(at.problem("this key is not allowed", (*path, key)))
                continue
            fields[key] = to_node(item, at, problems, inner, (*path, key))
        return Node(fields, origin)
    if isinstance(value, list):
        items = []
        for number, item in enumerate(value):
            place, inner = (mark and mark.child(number)) or (None, None)
            items.append(to_node(item, _at(origin, place), problems, inner, (*path, number)))
        return Node(items, origin)
    return Node(value, origin)


def _at(origin: Origin, mark: Mark | None) -> Origin:
    return replace(origin, line=mark.line, column=mark.column) if mark else origin


def merge(low: Node, high: Node) -> Node:
    """Mappings merge key by key; whatever else `high` has replaces what `low` has."""
    if not (isinstance(low.value, dict) and isinstance(high.value, dict)):
        return high
    merged = dict(low.value)
    for key, node in high.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, high.origin)


def to_plain(node: Node) -> Any:
    """A fresh copy as plain values. A key that is null is left out: Backstage reads null as "not set"."""
    if isinstance(node.value, dict):
        return {key: to_plain(item) for key, item in node.value.items() if item.value is not None}
    if isinstance(node.value, list):
        return [to_plain(item) for item in node.value]
    return node.value
