"""Where each field of a YAML document stands: an outline made from parser events, only when someone asks.

Iterative on purpose: PyYAML's own composer recurses and would exhaust the stack on deep nesting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import Path

# Any: PyYAML has no common type for its two loaders. The C one is absent from some builds.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True, eq=False)
class Node:
    """A value and its place (from 1). `size` counts its characters with all aliases followed."""

    line: int
    column: int
    tag: str | None = None
    text: str | None = None
    fields: list[tuple[Node, Node]] | None = None
    items: list[Node] | None = None
    size: int = 1
    is_open: bool = False
    is_plain: bool = False  # a scalar without quotes or tag

    def child(self, part: str | int) -> tuple[Node, Node] | None:
        """The node that marks the place of a field or item, and the node of its value."""
        if isinstance(part, str):
            return next(((key, value) for key, value in self.fields or () if key.text == part), None)
        if self.items is not None and 0 <= part < len(self.items):
            return self.items[part], self.items[part]
        return None


@dataclass(slots=True)
class Outline:
    """The nodes of one document in file order; `error` tells why it is incomplete."""

    nodes: list[Node] = field(default_factory=list)
    refers_to_itself: Node | None = None
    error: Exception | None = None

    @property
    def root(self) -> Node | None:
        return self.nodes[0] if self.nodes else None


def outline(text: str) -> Outline:
    """The outline of one document, as far as its syntax can be followed."""
    result = Outline()
    try:
        _Builder(result).build(text)
    except (yaml.YAMLError, UnicodeError) as error:
        result.error = error
    return result


class _Builder:
    def __init__(self, result: Outline) -> None:
        self.result = result
        self.anchors: dict[str, Node] = {}
        self.parents: list[Node] = []
        self.keys: list[Node | None] = []  # for each parent, the key that waits for its value

    def build(self, text: str) -> None:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                self._place(
                    self._node(event, text=event.value, size=1 + len(event.value), is_plain=event.implicit[0])
                )
            elif isinstance(event, yaml.MappingStartEvent):
                self._open(self._node(event, fields=[], is_open=True))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(self._node(event, items=[], is_open=True))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._place(self._aliased(event))

    def _node(self, event: Any, **shape: Any) -> Node:
        mark = event.start_mark
        node = Node(mark.line + 1, mark.column + 1, event.tag, **shape)
        self.result.nodes.append(node)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _aliased(self, event: Any) -> Node:
        here = Node(event.start_mark.line + 1, event.start_mark.column + 1)
        target = self.anchors.get(event.anchor, here)
        if target.is_open:
            self.result.refers_to_itself = self.result.refers_to_itself or here
            return here
        return target

    def _open(self, node: Node) -> None:
        self.parents.append(node)
        self.keys.append(None)

    def _close(self) -> None:
        node = self.parents.pop()
        self.keys.pop()
        node.is_open = False
        self._place(node)

    def _place(self, node: Node) -> None:
        if not self.parents:
            return
        parent = self.parents[-1]
        parent.size += node.size
        if parent.items is not None:
            parent.items.append(node)
        elif parent.fields is not None:
            key, self.keys[-1] = self.keys[-1], None
            if key is None:
                self.keys[-1] = node
            else:
                parent.fields.append((key, node))


def find(root: Node, path: Path) -> Node:
    """The node at a path: the key of a field, the start of an item; the nearest ancestor when absent."""
    place, value = root, root
    for part in path:
        found = value.child(part)
        if found is None:
            break
        place, value = found
    return place


def value_at(root: Node, path: Path) -> Node | None:
    """The node of the value at a path, if there is one."""
    value = root
    for part in path:
        found = value.child(part)
        if found is None:
            return None
        value = found[1]
    return value
