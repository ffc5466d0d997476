"""Stitching: queued entities get their final form, in one transaction with their rows in the change feed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.deletion import keep_history
from callboard.catalog.store.effects import Effects
from callboard.catalog.store.tables import CHANGED, final_entities, refresh_state, relations, stitch_queue
from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.bulk import insert_rows
from callboard.core.database import Database, chunks

Build = Callable[..., Any]


async def queue_length(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.count()).select_from(stitch_queue))).scalar_one())


async def stitch(
    connection: AsyncConnection, database: Database, limit: int, build: Build, effects: Effects
) -> int:
    """Stitch up to `limit` queued entities; returns how many were taken from the queue.

    The queue's rows stay locked until the commit: whoever queues one of them meanwhile waits, and it is
    stitched again with what they wrote. `build` is `ingest.final.build_final`.
    """
    taken = select(stitch_queue.c.entity_ref).limit(limit).with_for_update(skip_locked=True)
    refs = sorted(await connection.scalars(taken))
    for part in chunks(refs):
        await _stitch_part(connection, database, part, build, effects)
        await connection.execute(
            delete(stitch_queue).where(among(connection, stitch_queue.c.entity_ref, part))
        )
    return len(refs)


async def _stitch_part(
    connection: AsyncConnection, database: Database, refs: Sequence[str], build: Build, effects: Effects
) -> None:
    states = (
        await connection.execute(
            select(
                refresh_state.c.entity_ref,
                refresh_state.c.entity_id,
                refresh_state.c.processed,
                refresh_state.c.errors,
            )
            .where(
                among(connection, refresh_state.c.entity_ref, refs), refresh_state.c.processed.is_not(None)
            )
            # What another transaction is deleting must not come back as a final entity.
            .with_for_update(read=True, key_share=True)
        )
    ).all()
    incoming = await _pairs(
        connection, relations.c.source_ref, (relations.c.type, relations.c.target_ref), refs
    )
    sources = await _pairs(
        connection, refs_table.c.target_ref, (refs_table.c.source_key, refs_table.c.source_ref), refs
    )
    known = select(final_entities.c.entity_ref, final_entities.c.hash)
    found = await connection.execute(known.where(among(connection, final_entities.c.entity_ref, refs)))
    hashes: dict[str, str] = {row.entity_ref: row.hash for row in found}
    now = time.time()
    rows: list[dict[str, Any]] = []
    for ref, entity_id, processed, errors in states:
        parents = [parent for _, parent in sources[ref] if parent is not None]
        final = build(entity_id, processed, errors, incoming[ref], parents, orphan=not sources[ref])
        if hashes.get(ref) != final.hash:
            rows.append(
                {
                    "entity_id": entity_id,
                    "entity_ref": ref,
                    "hash": final.hash,
                    "body": final.body,
                    "parents": final.parents,
                    "updated_at": now,
                }
            )
    if not rows:
        return
    replaced = [row["entity_ref"] for row in rows if row["entity_ref"] in hashes]
    await keep_history(connection, replaced, CHANGED, now)
    statement = database.insert_for(final_entities)
    updated = {
        name: statement.excluded[name] for name in ("entity_id", "hash", "body", "parents", "updated_at")
    }
    upsert = statement.on_conflict_do_update(index_elements=["entity_ref"], set_=updated)
    await insert_rows(connection, upsert, rows)
    effects.changed += [(row["entity_ref"], "put") for row in rows]


async def _pairs(
    connection: AsyncConnection, key: Any, columns: tuple[Any, Any], refs: Sequence[str]
) -> dict[str, list[tuple[Any, Any]]]:
    found: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for ref, first, second in await connection.execute(
        select(key, *columns).where(among(connection, key, refs))
    ):
        found[ref].append((first, second))
    return found
