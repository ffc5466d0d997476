"""Paths of pages with values for whatever they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping


def with_values(path: str, given: Mapping[str, str]) -> str:
    """A route's path with the values that are given; every other parameter is 1."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: given.get(match[1], "1"), path)
