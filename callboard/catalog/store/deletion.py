"""Deletion of entities, and of everything that only they kept alive."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.effects import Effects
from callboard.catalog.store.tables import (
    conflicts,
    entity_history,
    final_entities,
    refresh_keys,
    refresh_state,
    relations,
    stitch_queue,
)
from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.database import chunks


async def delete_unreferenced(
    connection: AsyncConnection, candidates: Iterable[str], effects: Effects, cause: str
) -> list[str]:
    """Delete those of `candidates` that nothing refers to any more, and in turn what they kept alive.

    Candidates that live on are queued for stitching, since their parents changed.
    """
    deleted: list[str] = []
    waiting = set(candidates)
    while waiting:
        await _lock(connection, waiting)
        alive = await _referenced(connection, waiting)
        effects.to_stitch |= waiting & alive
        dead = waiting - alive
        waiting = await delete_entities(connection, dead, effects, cause)
        deleted += sorted(dead)
    return deleted


async def delete_entities(
    connection: AsyncConnection, refs: set[str], effects: Effects, cause: str
) -> set[str]:
    """Delete these entities whoever refers to them; returns the children that lost a parent."""
    children: set[str] = set()
    await _lock(connection, refs)
    for part in chunks(sorted(refs)):
        # First of all: it waits for a node that is stitching one of these, so that its row is seen below.
        await connection.execute(
            delete(stitch_queue).where(among(connection, stitch_queue.c.entity_ref, part))
        )
        ids = list(
            await connection.scalars(
                select(refresh_state.c.entity_id).where(among(connection, refresh_state.c.entity_ref, part))
            )
        )
        if not ids:
            continue
        children |= set(
            await connection.scalars(
                select(refs_table.c.target_ref).where(among(connection, refs_table.c.source_ref, part))
            )
        )
        neighbours = (
            select(relations.c.source_ref)
            .where(among(connection, relations.c.originating_id, ids))
            .distinct()
        )
        effects.to_stitch |= set(await connection.scalars(neighbours))
        visible = list(
            await connection.scalars(
                select(final_entities.c.entity_ref).where(
                    among(connection, final_entities.c.entity_ref, part)
                )
            )
        )
        await keep_history(connection, visible, cause, time.time())
        await _revive_conflicting(connection, part)
        await connection.execute(
            delete(refs_table).where(
                among(connection, refs_table.c.source_ref, part)
                | among(connection, refs_table.c.target_ref, part)
            )
        )
        await connection.execute(delete(relations).where(among(connection, relations.c.originating_id, ids)))
        await connection.execute(delete(refresh_keys).where(among(connection, refresh_keys.c.entity_id, ids)))
        await connection.execute(
            delete(final_entities).where(among(connection, final_entities.c.entity_ref, part))
        )
        await connection.execute(delete(conflicts).where(among(connection, conflicts.c.source, part)))
        await connection.execute(
            delete(refresh_state).where(among(connection, refresh_state.c.entity_ref, part))
        )
        effects.changed += [(ref, "delete") for ref in visible]
    effects.to_stitch -= refs
    return children - refs


async def keep_history(connection: AsyncConnection, refs: Iterable[str], cause: str, now: float) -> None:
    """Copy the visible version of these entities to the history, before it is replaced or deleted `now`."""
    for part in chunks(sorted(refs)):
        visible = select(
            final_entities.c.entity_ref,
            final_entities.c.entity_id,
            final_entities.c.body,
            final_entities.c.updated_at,
            literal(now),
            literal(cause),
        ).where(among(connection, final_entities.c.entity_ref, part))
        columns = ["entity_ref", "entity_id", "body", "valid_from", "valid_to", "cause"]
        await connection.execute(insert(entity_history).from_select(columns, visible))


async def _lock(connection: AsyncConnection, refs: Iterable[str]) -> None:
    """Until the commit nobody can start to refer to these entities; whoever is about to is waited for."""
    for part in chunks(sorted(refs)):
        rows = select(refresh_state.c.entity_id).where(among(connection, refresh_state.c.entity_ref, part))
        await connection.execute(rows.order_by(refresh_state.c.entity_ref).with_for_update())


async def _referenced(connection: AsyncConnection, refs: set[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(sorted(refs)):
        query = (
            select(refs_table.c.target_ref).where(among(connection, refs_table.c.target_ref, part)).distinct()
        )
        found |= set(await connection.scalars(query))
    return found


async def _revive_conflicting(connection: AsyncConnection, refs: Iterable[str]) -> None:
    """Whoever lost a conflict over a ref that is now free may claim it: its next run writes again."""
    sources = list(
        await connection.scalars(
            select(conflicts.c.source).where(among(connection, conflicts.c.entity_ref, refs))
        )
    )
    if not sources:
        return
    await connection.execute(
        update(refresh_state)
        .where(among(connection, refresh_state.c.entity_ref, sources))
        .values(result_hash="conflict-ended", next_update_at=time.time())
    )
    await connection.execute(delete(conflicts).where(among(connection, conflicts.c.entity_ref, refs)))
