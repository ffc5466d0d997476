"""Writes a list of entities as CSV or JSON, in pieces, so that its length does not matter."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from callboard.model.refs import entity_ref
from callboard.portal.catalog.columns import Column, Entity

Bodies = AsyncIterator[list[bytes]]
# What a spreadsheet takes for a formula, which could read or send what else is in the sheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LISTS = {"refs", "tags", "code"}


async def as_csv(bodies: Bodies, columns: Sequence[Column]) -> AsyncIterator[bytes]:
    """A line of column names, then a line an entity that begins with its reference."""
    yield _lines([["ref", *(column.id for column in columns)]])
    async for chunk in bodies:
        entities = [orjson.loads(body) for body in chunk]
        yield _lines(
            [entity_ref(entity), *(", ".join(column.values(entity)) for column in columns)]
            for entity in entities
        )


async def as_json(bodies: Bodies, columns: Sequence[Column]) -> AsyncIterator[bytes]:
    """An array of objects: the reference and the columns, some of which are arrays themselves."""
    divider = b"[\n"
    async for chunk in bodies:
        if chunk:
            yield divider + b",\n".join(orjson.dumps(_object(orjson.loads(body), columns)) for body in chunk)
            divider = b",\n"
    yield b"[]\n" if divider == b"[\n" else b"\n]\n"


def _object(entity: Entity, columns: Sequence[Column]) -> dict[str, Any]:
    found: dict[str, Any] = {"ref": entity_ref(entity)}
    for column in columns:
        values = column.values(entity)
        found[column.id] = values if column.shape in _LISTS else ", ".join(values) if values else None
    return found


def _lines(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_safe(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8", "replace")


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
