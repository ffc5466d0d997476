"""Follows `$ref` inside one document; references to other files and hosts are never followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

_MAX_HOPS = 32
# What stands beside a `$ref` and describes the use, not the thing (OpenAPI 3.1).
_BESIDE = ("summary", "description", "deprecated", "default", "example")


class Followed(NamedTuple):
    """A value with its references followed. `pointers` are those on the way, the last leads to `value`.

    `failure` says why there is no value.
    """

    value: Mapping[str, Any]
    pointers: tuple[str, ...] = ()
    failure: str = ""


class References:
    """The references of one document (any JSON value, hence Any)."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def follow(self, value: Any) -> Followed:
        """`value` itself, or what its `$ref` leads to in the end. What is no mapping is an empty one."""
        pointers: tuple[str, ...] = ()
        beside: dict[str, Any] = {}
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            pointer = value["$ref"]
            beside = {key: value[key] for key in _BESIDE if key in value} | beside
            if not pointer.startswith("#"):
                return Followed(beside, (*pointers, pointer), "it is defined elsewhere")
            if pointer in pointers or len(pointers) >= _MAX_HOPS:
                return Followed(beside, (*pointers, pointer), "the reference leads back to itself")
            pointers = (*pointers, pointer)
            value = self._at(pointer)
            if value is None:
                return Followed(beside, pointers, "there is nothing at this reference")
        if not isinstance(value, dict):
            return Followed(beside, pointers)
        return Followed({**value, **beside} if beside else value, pointers)

    def _at(self, pointer: str) -> Any:
        found: Any = self._root
        for part in unquote(pointer[1:]).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict):
                found = found.get(key)
            elif isinstance(found, list) and key.isascii() and key.isdigit() and len(key) < 9:
                found = found[int(key)] if int(key) < len(found) else None
            else:
                return None
        return found


def name_of(pointer: str) -> str:
    """What people call the thing at a pointer: `Pet` for `#/components/schemas/Pet`."""
    last = unquote(pointer).rpartition("/")[2]
    return last.replace("~1", "/").replace("~0", "~") or pointer
