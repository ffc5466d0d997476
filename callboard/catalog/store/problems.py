"""Everything that is wrong, in one place: errors of entities, conflicts, deletions held back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.tables import conflicts, final_entities, held_back, refresh_state
from callboard.core.among import among

Row = dict[str, Any]


async def errors(connection: AsyncConnection, refs: Collection[str] | None = None) -> list[Row]:
    """One row an error: entity ref, name, message, and where known field, source, line and column."""
    query = select(refresh_state.c.entity_ref, refresh_state.c.errors).where(refresh_state.c.errors != "[]")
    if refs is not None:
        query = query.where(among(connection, refresh_state.c.entity_ref, refs))
    return [
        {"type": "error", "entityRef": ref, **error}
        for ref, text in await connection.execute(query.order_by(refresh_state.c.entity_ref))
        for error in orjson.loads(text)
    ]


async def all_conflicts(connection: AsyncConnection, refs: Collection[str] | None = None) -> list[Row]:
    query = select(conflicts).order_by(conflicts.c.entity_ref)
    if refs is not None:
        query = query.where(among(connection, conflicts.c.entity_ref, refs))
    rows = await connection.execute(query)
    return [
        {
            "type": "conflict",
            "entityRef": row.entity_ref,
            "name": "ConflictError",
            "message": f"{row.location_key or row.source} claims it too; "
            f"it belongs to {row.existing_location_key}",
            "locationKey": row.location_key,
            "at": row.at,
        }
        for row in rows
    ]


async def all_held_back(connection: AsyncConnection) -> list[Row]:
    rows = await connection.execute(select(held_back).order_by(held_back.c.provider))
    found = []
    for row in rows:
        missing = orjson.loads(row.missing)
        message = f"{row.provider} gave {row.known - len(missing)} of {row.known} entities; the rest is kept"
        found.append(
            {
                "type": "heldBack",
                "provider": row.provider,
                "name": "DeletionHeldBack",
                "message": message,
                "state": row.state,
                "entityRefs": missing,
                "at": row.at,
            }
        )
    return found


async def unprocessed(connection: AsyncConnection, state: str) -> list[Row]:
    """Entities nobody sees yet: `failed` have errors, `pending` were never processed."""
    seen = select(final_entities.c.entity_id).where(final_entities.c.entity_id == refresh_state.c.entity_id)
    condition = refresh_state.c.errors != "[]" if state == "failed" else refresh_state.c.errors == "[]"
    query = select(refresh_state).where(condition, ~seen.exists()).order_by(refresh_state.c.entity_ref)
    return [
        {
            "entity_id": row.entity_id,
            "entity_ref": row.entity_ref,
            "unprocessed_entity": orjson.loads(row.unprocessed),
            "unprocessed_hash": row.unprocessed_hash,
            "processed_entity": orjson.loads(row.processed) if row.processed else None,
            "result_hash": row.result_hash,
            "cache": orjson.loads(row.cache) if row.cache else None,
            "next_update_at": row.next_update_at,
            "last_discovery_at": row.last_discovery_at,
            "errors": orjson.loads(row.errors),
            "location_key": row.location_key,
        }
        for row in await connection.execute(query)
    ]


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many entities there are, how many have errors, and how many wait."""
    total = select(func.count()).select_from(refresh_state)
    wrong = total.where(refresh_state.c.errors != "[]")
    waiting = total.where(refresh_state.c.processed.is_(None), refresh_state.c.errors == "[]")
    return {
        "known": int((await connection.execute(total)).scalar_one()),
        "withErrors": int((await connection.execute(wrong)).scalar_one()),
        "pending": int((await connection.execute(waiting)).scalar_one()),
    }
