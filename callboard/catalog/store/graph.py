"""Who keeps whom alive: roots above an entity, and what would go with it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.ancestry import all_parents
from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.database import chunks


class Edge(NamedTuple):
    """A provider (`key`) or a parent entity (`parent`) keeps `target` alive."""

    key: str | None
    parent: str | None
    target: str


async def edges_to(connection: AsyncConnection, refs: Iterable[str]) -> list[Edge]:
    """What keeps these alive."""
    found: list[Edge] = []
    columns = (refs_table.c.source_key, refs_table.c.source_ref, refs_table.c.target_ref)
    for part in chunks(sorted(refs)):
        rows = await connection.execute(
            select(*columns).where(among(connection, refs_table.c.target_ref, part))
        )
        found += [Edge(*row) for row in rows]
    return found


async def children(connection: AsyncConnection, refs: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(sorted(refs)):
        query = select(refs_table.c.target_ref).where(among(connection, refs_table.c.source_ref, part))
        found |= set(await connection.scalars(query))
    return found


async def roots(connection: AsyncConnection, ref: str) -> set[tuple[str, str]]:
    """`(provider, ref)` of all entities given by a provider that an entity descends from, or is itself."""
    above = {ref, *await all_parents(connection, [ref])}
    return {(edge.key, edge.target) for edge in await edges_to(connection, above) if edge.key is not None}


async def would_go(connection: AsyncConnection, ref: str, released_by: str | None) -> set[str]:
    """The refs that would be deleted when the provider `released_by` let go of `ref`.

    With None, when `ref` itself were deleted whoever keeps it. The steps are those of `deletion`.
    """
    dead: set[str] = set()
    waiting = {ref}
    if released_by is None:
        dead, waiting = {ref}, await children(connection, [ref]) - {ref}
    while waiting:
        alive = {
            edge.target
            for edge in await edges_to(connection, waiting)
            if edge.parent not in dead and edge != Edge(released_by, None, ref)
        }
        newly = waiting - alive
        dead |= newly
        waiting = await children(connection, newly) - dead
    return dead


async def siblings(connection: AsyncConnection, ref: str, origin: str) -> set[str]:
    """What the parents of an entity read from the same place."""
    parents = {edge.parent for edge in await edges_to(connection, [ref]) if edge.parent is not None}
    found: set[str] = set()
    for part in chunks(sorted(parents)):
        query = select(refs_table.c.target_ref).where(
            among(connection, refs_table.c.source_ref, part), refs_table.c.origin == origin
        )
        found |= set(await connection.scalars(query))
    return found - {ref}
