"""Who stands above an entity in the references that keep entities alive."""

from __future__ import annotations

from sqlalchemy import select

from callboard.catalog.store.tables import references as refs_table
from callboard.core.database import Database

MAX_DEPTH = 32


async def ancestors(database: Database, ref: str) -> set[str]:
    """The refs of all parents, their parents, and so on."""
    found: set[str] = set()
    level = {ref}
    async with database.read() as connection:
        for _ in range(MAX_DEPTH):
            query = select(refs_table.c.source_ref).where(
                refs_table.c.target_ref.in_(level), refs_table.c.source_ref.is_not(None)
            )
            level = {parent for parent in await connection.scalars(query) if parent is not None} - found
            found |= level
            if not level:
                break
    return found
