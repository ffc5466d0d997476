"""Reads what others wrote, where anything may stand anywhere: what has the wrong shape is nothing.

For values of descriptors and texts of query strings.
"""

from __future__ import annotations

from typing import Any


def text(value: Any) -> str:
    """A text, or the empty one."""
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> dict[str, Any]:
    """A mapping of JSON, hence Any; or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list of JSON, hence Any; or an empty one."""
    return value if isinstance(value, list) else []


def whole_number(value: str | None) -> int | None:
    """A number of a query string, from 0 to nine digits; None for anything else."""
    return int(value) if value and len(value) < 10 and value.isascii() and value.isdigit() else None
