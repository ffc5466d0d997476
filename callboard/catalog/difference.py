"""The difference between two versions of an entity, as a list of changes that people can read. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Entity = Mapping[str, Any]
IGNORED = frozenset({"metadata.uid", "metadata.etag"})
"""What says nothing about the entity itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `path` is as in filters: `spec.owner`, `metadata.annotations.example.org/x`.

    Of a list of plain values each item that came or went is a change of its own under the list's path; of
    relations, under `relations.<type>`. `before` and `after` are JSON values, None where there is none.
    """

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None  # Any: JSON of any shape
    after: Any = None


def diff(before: Entity, after: Entity, ignored: Collection[str] = IGNORED) -> list[Change]:
    """What it takes to come from one version to the other, in the order of the fields.

    Fields whose path is `ignored` are left out with all below them.
    """
    changes: list[Change] = []
    _objects("", before, after, ignored, changes)
    return changes


def _objects(path: str, before: Entity, after: Entity, ignored: Collection[str], found: list[Change]) -> None:
    for name in (*after, *(name for name in before if name not in after)):
        own = f"{path}.{name}" if path else str(name)
        if own in ignored:
            continue
        if name not in before:
            _one_sided(own, "added", after[name], ignored, found)
        elif name not in after:
            _one_sided(own, "removed", before[name], ignored, found)
        else:
            _values(own, before[name], after[name], ignored, found)


def _one_sided(
    path: str, kind: Literal["added", "removed"], value: Any, ignored: Collection[str], found: list[Change]
) -> None:
    """A field that stands in one version only; of lists and of what has ignored parts, piece by piece."""
    empty: Any = [] if isinstance(value, list) else {}
    if value and (isinstance(value, list) or (isinstance(value, dict) and _reaches(path, ignored))):
        before, after = (empty, value) if kind == "added" else (value, empty)
        _values(path, before, after, ignored, found)
    elif kind == "added":
        found.append(Change(path, kind, after=value))
    else:
        found.append(Change(path, kind, before=value))


def _reaches(path: str, ignored: Collection[str]) -> bool:
    return any(one.startswith(f"{path}.") for one in ignored)


def _values(path: str, before: Any, after: Any, ignored: Collection[str], found: list[Change]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        _objects(path, before, after, ignored, found)
    elif isinstance(before, list) and isinstance(after, list):
        _lists(path, before, after, ignored, found)
    elif _key(before) != _key(after):
        found.append(Change(path, "changed", before, after))


def _lists(
    path: str, before: list[Any], after: list[Any], ignored: Collection[str], found: list[Change]
) -> None:
    plain = not any(isinstance(item, dict | list) for item in (*before, *after))
    if not plain and path != "relations" and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            _values(f"{path}[{place}]", old, new, ignored, found)
        return
    old_items = {_key(item): item for item in before}
    new_items = {_key(item): item for item in after}
    for key, item in old_items.items():
        if key not in new_items:
            own, value = _relation(path, item)
            found.append(Change(own, "removed", before=value))
    for key, item in new_items.items():
        if key not in old_items:
            own, value = _relation(path, item)
            found.append(Change(own, "added", after=value))


def _relation(path: str, item: Any) -> tuple[str, Any]:
    if path == "relations" and isinstance(item, dict) and {"type", "targetRef"} <= item.keys():
        return f"relations.{item['type']}", item["targetRef"]
    return path, item


def _key(value: Any) -> bytes:
    """Equal for equal JSON values; unlike Python, JSON tells true from 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value).encode()
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
