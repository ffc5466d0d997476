"""What is stored of entities that someone is about to give again: their owner and their last good form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.tables import refresh_state
from callboard.core.among import among
from callboard.core.database import chunks


class Known(NamedTuple):
    """`processed` is JSON with the entity's own relations only; None when it was never right."""

    location_key: str | None
    processed: str | None


async def known_entities(connection: AsyncConnection, refs: Iterable[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    columns = (refresh_state.c.entity_ref, refresh_state.c.location_key, refresh_state.c.processed)
    for part in chunks(sorted(refs)):
        rows = await connection.execute(
            select(*columns).where(among(connection, refresh_state.c.entity_ref, part))
        )
        found.update((row[0], Known(*row[1:])) for row in rows)
    return found
