"""What became of a registered URL: the entities it brought in so far, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.catalog.ingest.contract import ORIGIN
from callboard.catalog.query.conditions import OneOf
from callboard.core.errors import NotFoundError
from callboard.web.view import View

SHOWN = 100
TURNS = 30
"""How often the page asks again, once a second, before it leaves that to the reader."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`refs` are at most `SHOWN` of `total`. `again`: ask once more, since not everything may be there."""

    location: Mapping[str, Any]
    refs: list[str]
    total: int
    problems: list[dict[str, Any]]
    read: bool
    again: bool


async def progress(view: View, target: str, seen: int, turn: int) -> Progress:
    """`seen` entities were there a turn ago. Raises NotFoundError when the URL is not registered."""
    target = target.strip()
    location = next((one for one in await view.catalog.locations() if one["target"] == target), None)
    if location is None:
        raise NotFoundError(f"{target or 'This URL'} is not registered.")
    condition = OneOf(f"metadata.annotations.{ORIGIN}", (f"url:{target}".lower(),))
    own = location["entityRef"].lower()
    rows = view.queries.rows(condition)
    refs = sorted({view.index.ref(row) for row in rows or ()} - {own})
    problems = await view.catalog.problems_of([own, *refs])
    read = view.index.row(own) is not None
    settled = (read and len(refs) == seen and turn > 0) or bool(problems)
    return Progress(location, refs[:SHOWN], len(refs), problems, read, not settled and turn < TURNS)
