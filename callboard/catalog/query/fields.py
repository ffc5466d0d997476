"""Projection: the parts of an entity that a `fields` parameter asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from callboard.core.errors import InputError

_ABSENT = object()
_MAX_LENGTH = 500  # following a path costs the square of its parts


@dataclass(frozen=True, slots=True)
class Projection:
    """Dot paths to keep. Keys may hold dots themselves: the longest key that leads on is followed."""

    paths: tuple[tuple[str, ...], ...]

    def apply(self, body: bytes) -> bytes:
        """A serialized entity, reduced."""
        return orjson.dumps(self.pick(orjson.loads(body)))

    def pick(self, entity: dict[str, Any]) -> dict[str, Any]:
        picked: dict[str, Any] = {}
        for path in self.paths:
            keys, value = _follow(entity, path)
            if value is _ABSENT:
                continue
            target = picked
            for key in keys[:-1]:
                target = target.setdefault(key, {})
                if not isinstance(target, dict):  # an earlier path took the whole parent
                    break
            else:
                target[keys[-1]] = value
        return picked


def parse_fields(names: Iterable[str]) -> Projection | None:
    """The projection for field names, None when there are none. Raises InputError for array fields."""
    paths = []
    for name in filter(None, (name.strip() for name in names)):
        if len(name) > _MAX_LENGTH:
            raise InputError(f"Invalid field, longer than {_MAX_LENGTH} characters")
        if "[" in name:
            raise InputError(f'Invalid field "{name}", array type fields are not supported')
        paths.append(tuple(name.split(".")))
    return Projection(tuple(paths)) if paths else None


def _follow(value: Any, path: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
    """The keys that a path means in this entity, and what stands there."""
    if not isinstance(value, dict):
        return (), _ABSENT
    for length in range(len(path), 0, -1):
        key = path[0] if length == 1 else ".".join(path[:length])
        if key not in value:
            continue
        if length == len(path):
            return (key,), value[key]
        keys, found = _follow(value[key], path[length:])
        if found is not _ABSENT:
            return (key, *keys), found
    return (), _ABSENT
