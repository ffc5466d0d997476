"""Names parts of a page so that a link can point at them: readable, safe in any attribute, and unique."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"[^A-Za-z0-9_.]+")
_LONGEST = 80


class Anchors:
    """Hands out each anchor once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def make(self, *parts: str) -> str:
        """`("operation", "get", "/pets/{id}")` is `operation-get-pets-id`, then `operation-get-pets-id-2`."""
        words = [_UNSAFE.sub("-", part[: 2 * _LONGEST]).strip("-") for part in parts]
        name = "-".join(word for word in words if word)[:_LONGEST]
        count = self._counts.get(name, 0) + 1
        # `a-2` may also be what somebody called theirs.
        while (anchor := name if count == 1 else f"{name}-{count}") in self._taken:
            count += 1
        self._counts[name] = count
        self._taken.add(anchor)
        return anchor
