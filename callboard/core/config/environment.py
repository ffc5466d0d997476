"""Overrides from the environment: `APP_CONFIG_backend_baseUrl` sets `backend.baseUrl`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from ..errors import Problem
from ..yaml_values import tidy
from .nodes import Node, Origin, merge, to_node

_PREFIX = "APP_CONFIG_"
_PART = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z][A-Za-z0-9]*)*")


def environment_overrides(env: Mapping[str, str], folder: FilePath, problems: list[Problem]) -> Node | None:
    """All overrides as one node; None without any. Empty variables count as not set."""
    merged: Node | None = None
    for name in sorted(env):
        if not name.startswith(_PREFIX) or not env[name]:
            continue
        node = _override(name, env[name], Origin(name, folder), problems)
        if node is None:
            continue
        if merged is not None and (taken := _conflict(merged, node)):
            problems.append(node.origin.problem(f"{taken} is already set by another {_PREFIX} variable"))
            continue
        merged = node if merged is None else merge(merged, node)
    return merged


def _override(name: str, text: str, origin: Origin, problems: list[Problem]) -> Node | None:
    parts = name.removeprefix(_PREFIX).split("_")
    if not all(_PART.fullmatch(part) for part in parts):
        problems.append(origin.problem("the name is not a configuration key"))
        return None
    value = _parse(text)
    if value is None:
        problems.append(origin.problem("the value must not be null"))
        return None
    for part in reversed(parts):
        value = {part: value}
    return to_node(value, origin, problems)


def _parse(text: str) -> Any:
    try:
        return tidy(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError):
        return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _conflict(known: Node, new: Node, path: str = "") -> str | None:
    """The key that both set, when one would silently replace the other."""
    if not (isinstance(known.value, dict) and isinstance(new.value, dict)):
        return path
    for key, item in new.value.items():
        if key in known.value:
            found = _conflict(known.value[key], item, f"{path}.{key}" if path else key)
            if found:
                return found
    return None
