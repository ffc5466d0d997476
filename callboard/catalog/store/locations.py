"""Rows of the locations that people registered."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.sources.locations import location_name
from callboard.catalog.store.tables import locations

Row = dict[str, Any]
_PUBLIC = (locations.c.id, locations.c.type, locations.c.target, locations.c.entity_ref)


def _public(row: Any) -> Row:
    return {"id": row[0], "type": row[1], "target": row[2], "entityRef": row[3]}


async def all_locations(connection: AsyncConnection) -> list[Row]:
    """Every registered location as the API shows it, ordered by id."""
    return [_public(row) for row in await connection.execute(select(*_PUBLIC).order_by(locations.c.id))]


async def find(connection: AsyncConnection, **values: str) -> Row | None:
    """The location whose columns have these values (`id`, or `type` and `target`)."""
    conditions = [locations.c[name] == value for name, value in values.items()]
    row = (await connection.execute(select(*_PUBLIC).where(*conditions))).one_or_none()
    return None if row is None else _public(row)


async def of_entity(connection: AsyncConnection, ref: str) -> Row | None:
    """The location that the Location entity with this ref stands for."""
    query = select(*_PUBLIC).where(func.lower(locations.c.entity_ref) == ref)
    row = (await connection.execute(query.limit(1))).one_or_none()
    return None if row is None else _public(row)


async def add(connection: AsyncConnection, kind: str, target: str, presence: str) -> Row:
    row = {
        "id": str(uuid.uuid4()),
        "type": kind,
        "target": target,
        "presence": presence,
        "entity_ref": f"location:default/{location_name(kind, target)}",
    }
    await connection.execute(insert(locations).values(row))
    return {"id": row["id"], "type": kind, "target": target, "entityRef": row["entity_ref"]}


async def change(connection: AsyncConnection, id: str, kind: str, target: str) -> None:
    """Point a location elsewhere; its entity ref stays what it was."""
    await connection.execute(update(locations).where(locations.c.id == id).values(type=kind, target=target))


async def remove(connection: AsyncConnection, id: str) -> None:
    await connection.execute(delete(locations).where(locations.c.id == id))


async def for_provider(connection: AsyncConnection) -> list[tuple[str, str, str, str]]:
    """`(type, target, presence, entity ref)` of every location."""
    query = select(locations.c.type, locations.c.target, locations.c.presence, locations.c.entity_ref)
    return [(row[0], row[1], row[2], row[3]) for row in await connection.execute(query)]
