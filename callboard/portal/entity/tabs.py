"""The data of the tabs Relations, Dependencies and APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from callboard.model.refs import entity_ref
from callboard.portal.entity.neighbours import SHOWN, Table, indirect, table
from callboard.portal.entity.relations import grouped, pairs, targets
from callboard.web.contributions import Entity
from callboard.web.view import View

# id in `?all=`, the relation that leads there, and the title.
_DEPENDENCIES = (("dependsOn", "Depends on"), ("dependencyOf", "Needed by"))
_APIS = (
    ("providesApi", "Provided APIs"),
    ("consumesApi", "Consumed APIs"),
    ("apiProvidedBy", "Providers"),
    ("apiConsumedBy", "Consumers"),
)


def has_any(*types: str) -> Callable[[Entity], bool]:
    """Whether an entity has a relation of one of these types."""

    def applies(entity: Entity) -> bool:
        return any(relation in types for relation, _ in pairs(entity))

    return applies


def has_relations(entity: Entity) -> bool:
    return bool(entity.get("relations"))


has_dependencies = has_any(*(relation for relation, _ in _DEPENDENCIES))
has_apis = has_any(*(relation for relation, _ in _APIS))


async def relations_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """Every relation by type. `?all=<type>` shows all of one type."""
    return {"groups": grouped(entity, SHOWN, view.query.get("all", ""))}


async def dependencies_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """What it needs and what needs it, at once and through one more step."""
    whole, own = view.query.get("all", ""), entity_ref(entity)
    tables: list[Table] = []
    for relation, title in _DEPENDENCIES:
        direct = targets(entity, relation)
        tables.append(table(view.index, relation, title, direct, whole=whole == relation))
        further = f"{relation}-2"
        tables.append(
            indirect(
                view.index,
                further,
                f"{title}, indirectly",
                relation=relation,
                own=own,
                direct=direct,
                whole=whole == further,
            )
        )
    return _shown(view, tables)


async def apis_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """The APIs that it provides and consumes; of an API who provides and who consumes it."""
    whole = view.query.get("all", "")
    tables = [table(view.index, one, title, targets(entity, one), whole=whole == one) for one, title in _APIS]
    return _shown(view, tables)


def _shown(view: View, tables: list[Table]) -> Mapping[str, Any]:
    """`title_of` remembers: a thousand rows have one owner, whose title is slow to find if it owns much."""
    return {"tables": [one for one in tables if one.total], "title_of": cache(view.title_of)}
