"""Writes events as CSV or as lines of JSON, in pieces, so that their number does not matter. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable

import orjson

from callboard.access.audit.event import Event

Parts = AsyncIterator[list[Event]]
COLUMNS = (
    *("id", "at", "plugin", "event", "severity", "status", "actor", "via", "means", "ip"),
    *("user_agent", "method", "url", "http_status", "error", "meta"),
)
# What a spreadsheet takes for a formula, which could read or send what else is in the sheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


async def as_csv(parts: Parts) -> AsyncIterator[bytes]:
    """A line of column names, then a line an event; `meta` is JSON."""
    yield _lines([COLUMNS])
    async for events in parts:
        yield _lines(_cells(event) for event in events)


async def as_json_lines(parts: Parts) -> AsyncIterator[bytes]:
    """An object a line."""
    async for events in parts:
        yield b"".join(orjson.dumps(event.as_json(), option=orjson.OPT_APPEND_NEWLINE) for event in events)


def _cells(event: Event) -> list[str]:
    given = {"at": event.when, "meta": orjson.dumps(event.meta).decode() if event.meta else ""}
    return [_safe(str(given.get(name, getattr(event, name)) or "")) for name in COLUMNS]


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
