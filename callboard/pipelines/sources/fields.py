"""Takes values out of answers, and says which field is missing or is not what was documented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from callboard.pipelines.sources.contract import SourceError


def an_object(value: Any, url: str, name: str = "") -> Mapping[str, Any]:
    """Answers are JSON, hence Any. Raises SourceError when this is none."""
    if not isinstance(value, Mapping):
        raise SourceError(f"must be an object, is {_kind(value)}", url, name)
    return value


def a_list(value: Mapping[str, Any], name: str, url: str) -> list[Any]:
    found = _there(value, name, url)
    if not isinstance(found, list):
        raise SourceError(f"must be an array, is {_kind(found)}", url, name)
    return found


def text(value: Mapping[str, Any], name: str, url: str) -> str:
    found = _there(value, name, url)
    if not isinstance(found, str) or not found:
        raise SourceError(f"must be a text, is {_kind(found)}", url, name)
    return found


def count(value: Mapping[str, Any], name: str, url: str) -> int:
    """A number of things, hence whole and not negative."""
    found = _there(value, name, url)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise SourceError(f"must be a number of 0 or more, is {found!r:.40}", url, name)
    return found


def day(value: Mapping[str, Any], name: str, url: str) -> date:
    found = text(value, name, url)
    try:
        return date.fromisoformat(found[:10])
    except ValueError:
        raise SourceError(f"must be a day such as 2026-01-31, is {found!r:.40}", url, name) from None


def moment(value: object) -> datetime | None:
    """A time in ISO 8601; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _there(value: Mapping[str, Any], name: str, url: str) -> Any:
    if name not in value:
        raise SourceError(f"is missing; the answer has {', '.join(sorted(map(str, value)))[:120]}", url, name)
    return value[name]


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return {dict: "an object", list: "an array", str: "a text", bool: "true or false"}.get(
        type(value), "a number"
    )
