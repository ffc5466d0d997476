"""Finds the configuration keys that nobody reads, so that they can be named once at start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def ignored_keys(data: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """The dotted keys outside all `known` prefixes, each once, as shallow as possible.

    With `catalog.rules` known, `catalog.rules` and all below it are claimed, `catalog.other` is listed.
    """
    claimed = set(known)
    parents = {
        ".".join(parts[:depth])
        for prefix in claimed
        if (parts := prefix.split("."))
        for depth in range(len(parts))
    }
    found: list[str] = []
    _collect(data, "", claimed, parents, found)
    return found


def _collect(
    data: Mapping[str, Any], prefix: str, claimed: set[str], parents: set[str], found: list[str]
) -> None:
    for key, value in data.items():
        name = f"{prefix}.{key}" if prefix else key
        if name in claimed:
            continue
        if name in parents:
            # A scalar where a feature expects a mapping is not ignored: that feature will complain.
            if isinstance(value, Mapping):
                _collect(value, name, claimed, parents, found)
        else:
            found.append(name)
