"""Reading final entities: for the index when it follows the feed, and when it is built anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from callboard.catalog.store.tables import final_entities
from callboard.core.among import among
from callboard.core.database import Database, chunks

COLUMNS = (
    final_entities.c.entity_ref,
    final_entities.c.entity_id,
    final_entities.c.body,
    final_entities.c.parents,
)


class FinalRow(NamedTuple):
    """`body` is the entity's JSON, `parents` a JSON list of refs."""

    entity_ref: str
    entity_id: str
    body: str
    parents: str


async def read_finals(database: Database, refs: Sequence[str]) -> list[FinalRow]:
    rows: list[FinalRow] = []
    async with database.read() as connection:
        for part in chunks(refs):
            query = select(*COLUMNS).where(among(connection, final_entities.c.entity_ref, part))
            rows += [FinalRow(*row) for row in await connection.execute(query)]
    return rows


async def read_bodies(database: Database, entity_ids: Sequence[str]) -> dict[str, bytes]:
    """Bodies that the index let go of, by entity id."""
    bodies: dict[str, bytes] = {}
    async with database.read() as connection:
        for part in chunks(entity_ids):
            query = select(final_entities.c.entity_id, final_entities.c.body)
            rows = await connection.execute(query.where(among(connection, final_entities.c.entity_id, part)))
            bodies.update((id, body.encode()) for id, body in rows)
    return bodies


async def all_finals(database: Database, size: int = 1000) -> AsyncIterator[list[FinalRow]]:
    """Every final entity, in pages; what changes meanwhile is told by the feed."""
    last = ""
    while True:
        query = select(*COLUMNS).where(final_entities.c.entity_ref > last)
        async with database.read() as connection:
            page = [
                FinalRow(*row)
                for row in await connection.execute(query.order_by(final_entities.c.entity_ref).limit(size))
            ]
        if not page:
            return
        yield page
        last = page[-1].entity_ref
