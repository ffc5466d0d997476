"""The merged configuration as its readers see it: dotted keys, typed values, and where each was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any, TypeVar, cast, overload

from ..duration import parse_duration
from ..errors import ConfigError, InputError, Path, Problem
from .nodes import Node, to_plain

D = TypeVar("D")
T = TypeVar("T")

_KEY_PART = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_REQUIRED: Any = object()
_KINDS = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
}

Key = str | Path


def parse_key(key: Key) -> Path:
    """`a.b[0].c` as a path; a path (needed for keys that contain dots) as it is."""
    if not isinstance(key, str):
        return key
    return tuple(int(number) if number else name for number, name in _KEY_PART.findall(key))


class Config:
    """A configuration that cannot be changed: whatever it hands out is a fresh copy.

    Keys are dotted with list places in brackets (`catalog.rules[0].allow`), or paths as tuples. A getter
    without a default requires the value; all raise ConfigError with file and line. `repr` shows no values.
    """

    def __init__(self, root: Node, files: Sequence[FilePath]) -> None:
        self._root = root
        self.files = tuple(files)

    def __repr__(self) -> str:
        return f"Config(files={[str(file) for file in self.files]}, keys={sorted(self._root.value)})"

    @property
    def data(self) -> dict[str, Any]:
        """All of it as plain values."""
        return cast(dict[str, Any], to_plain(self._root))

    def get(self, key: Key, default: Any = None) -> Any:
        """The value of any type; the default when it is absent or null."""
        node = self._find(parse_key(key))
        return default if node is None or node.value is None else to_plain(node)

    def where(self, key: Key) -> tuple[str, int | None] | None:
        """File (or environment variable) and line of a value, or of what it would stand in; None if none."""
        origin = self._nearest(parse_key(key)).origin
        return None if origin.source == "configuration" else (origin.source, origin.line)

    def folder_of(self, key: Key) -> FilePath:
        """The folder that relative paths in this value start from: that of the file which set it."""
        return self._nearest(parse_key(key)).origin.folder

    def problem(self, key: Key, message: str) -> Problem:
        """A mistake in a value, with its place, for readers that check more than types."""
        path = parse_key(key)
        return self._nearest(path).origin.problem(message, path)

    @overload
    def string(self, key: Key) -> str: ...
    @overload
    def string(self, key: Key, default: D) -> str | D: ...
    def string(self, key: Key, default: Any = _REQUIRED) -> Any:
        return self._typed(key, default, "text", lambda value: value if isinstance(value, str) else None)

    @overload
    def boolean(self, key: Key) -> bool: ...
    @overload
    def boolean(self, key: Key, default: D) -> bool | D: ...
    def boolean(self, key: Key, default: Any = _REQUIRED) -> Any:
        """True or false, also as text, because `${ENV}` yields text."""
        return self._typed(key, default, "true or false", _boolean)

    @overload
    def integer(self, key: Key) -> int: ...
    @overload
    def integer(self, key: Key, default: D) -> int | D: ...
    def integer(self, key: Key, default: Any = _REQUIRED) -> Any:
        """A whole number, also as text, because `${ENV}` yields text."""
        return self._typed(key, default, "a whole number", _integer)

    @overload
    def mapping(self, key: Key) -> dict[str, Any]: ...
    @overload
    def mapping(self, key: Key, default: D) -> dict[str, Any] | D: ...
    def mapping(self, key: Key, default: Any = _REQUIRED) -> Any:
        return self._typed(
            key, default, "a mapping", lambda value: value if isinstance(value, dict) else None
        )

    @overload
    def sequence(self, key: Key) -> list[Any]: ...
    @overload
    def sequence(self, key: Key, default: D) -> list[Any] | D: ...
    def sequence(self, key: Key, default: Any = _REQUIRED) -> Any:
        return self._typed(key, default, "a list", lambda value: value if isinstance(value, list) else None)

    @overload
    def duration(self, key: Key) -> timedelta: ...
    @overload
    def duration(self, key: Key, default: D) -> timedelta | D: ...
    def duration(self, key: Key, default: Any = _REQUIRED) -> Any:
        """A length of time in any form of `core.duration`."""
        value = self.get(key)
        if value is not None:
            try:
                return parse_duration(value)
            except InputError as error:
                raise ConfigError([self.problem(key, str(error))]) from None
        return self._typed(key, default, "a duration", lambda _: None)

    def _typed(self, key: Key, default: Any, wanted: str, convert: Callable[[Any], T | None]) -> Any:
        value = self.get(key)
        if value is None:
            if default is _REQUIRED:
                raise ConfigError([self.problem(key, f"{wanted} is required here")])
            return default
        converted = convert(value)
        if converted is None:
            # The kind only: the value may be a secret.
            raise ConfigError([self.problem(key, f"must be {wanted}, not {_KINDS[type(value)]}")])
        return converted

    def _find(self, path: Path) -> Node | None:
        node: Node | None = self._root
        for part in path:
            node = node.child(part) if node else None
        return node

    def _nearest(self, path: Path) -> Node:
        node = self._root
        for part in path:
            inner = node.child(part)
            if inner is None:
                break
            node = inner
        return node


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value.strip()) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
