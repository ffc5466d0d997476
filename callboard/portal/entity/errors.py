"""The tab Errors: what is wrong with an entity, where it stands, and the lines around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.model.refs import entity_ref
from callboard.portal.entity import present
from callboard.portal.entity.source import Source, source_of
from callboard.web.contributions import Entity
from callboard.web.view import View

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error. `place` is `file:line:column` as far as it is known."""

    message: str
    name: str
    field: str
    place: str
    excerpt: list[tuple[int, str, bool]]


def has_errors(entity: Entity) -> bool:
    return bool(present.errors(entity))


async def errors_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """The errors of its status, and the conflicts with other sources that claim the same name."""
    found = present.errors(entity)
    problems = await view.catalog.problems_of([entity_ref(entity)])
    conflicts = [one for one in problems if one["type"] == "conflict"]
    source = await source_of(entity) if found else None
    return {
        "mistakes": [mistake(one, source) for one in found[:SHOWN]],
        "total": len(found),
        "conflicts": [mistake(one, None) for one in conflicts[:SHOWN]],
    }


def mistake(error: Mapping[str, Any], source: Source | None) -> Mistake:
    """As the page shows it. Errors come from the entity's status, hence any JSON. Pure."""
    path, line, column = error.get("source"), error.get("line"), error.get("column")
    place = ":".join(str(part) for part in (path, line, column) if part is not None)
    here = source is not None and path == source.path and isinstance(line, int)
    return Mistake(
        message=error["message"],
        name=str(error.get("name") or "Error"),
        field=str(error.get("field") or ""),
        place=place,
        excerpt=source.excerpt(line) if here and source is not None and isinstance(line, int) else [],
    )
