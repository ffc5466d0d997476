"""Who stands above an entity in the references that keep entities alive."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.database import Database, chunks

MAX_DEPTH = 32


async def ancestors(database: Database, *refs: str) -> set[str]:
    """The refs of all parents of these, their parents, and so on."""
    async with database.read() as connection:
        return await all_parents(connection, refs)


async def all_parents(connection: AsyncConnection, refs: Iterable[str]) -> set[str]:
    """The same over an open connection."""
    found: set[str] = set()
    level = set(refs)
    for _ in range(MAX_DEPTH):
        above: set[str] = set()
        for part in chunks(sorted(level)):
            query = select(refs_table.c.source_ref).where(
                among(connection, refs_table.c.target_ref, part), refs_table.c.source_ref.is_not(None)
            )
            above |= {parent for parent in await connection.scalars(query) if parent is not None}
        level = above - found
        found |= level
        if not level:
            break
    return found
