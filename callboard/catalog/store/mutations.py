"""What a provider said, written down: full and delta mutations, with eager deletion."""

from __future__ import annotations

import time
from collections.abc import Sequence

import orjson
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.deletion import delete_unreferenced
from callboard.catalog.store.effects import Effects
from callboard.catalog.store.intake import Incoming, existing_entities, take_in
from callboard.catalog.store.tables import held_back, refresh_keys, refresh_state
from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.bulk import insert_rows
from callboard.core.database import Database, chunks


async def lock_provider(connection: AsyncConnection, database: Database, provider: str) -> None:
    """One mutation of a provider at a time, though every node runs it: two would both add what is new."""
    if database.is_postgresql:
        number = func.hashtextextended(f"provider {provider}", 0)
        await connection.execute(select(func.pg_advisory_xact_lock(number)))


async def provided_refs(connection: AsyncConnection, provider: str) -> set[str]:
    """The refs of all entities the provider keeps alive."""
    query = select(refs_table.c.target_ref).where(refs_table.c.source_key == provider)
    return set(await connection.scalars(query))


async def provider_names(connection: AsyncConnection) -> set[str]:
    query = select(refs_table.c.source_key).where(refs_table.c.source_key.is_not(None)).distinct()
    return {name for name in await connection.scalars(query) if name is not None}


async def add(
    connection: AsyncConnection,
    database: Database,
    provider: str,
    items: Sequence[Incoming],
    effects: Effects,
) -> tuple[int, int]:
    """Take the provider's entities in and make it keep them alive.

    Returns how many it had not kept alive before, and how many of the others it gave otherwise.
    """
    held = await provided_refs(connection, provider)
    await _change_own_keys(connection, [item for item in items if item.ref in held])
    accepted = await take_in(connection, database, items, effects)
    missing = sorted({ref for _, ref in accepted} - held)
    # Who existed before gained a parent, or is an orphan no more.
    effects.to_stitch |= {ref for (_, ref), existed in accepted.items() if existed and ref not in held}
    rows = [{"source_key": provider, "target_ref": ref, "origin": ""} for ref in missing]
    await insert_rows(connection, insert(refs_table), rows)
    return len(missing), len(effects.updated & held)


async def _change_own_keys(connection: AsyncConnection, items: Sequence[Incoming]) -> None:
    """A provider may give what it already keeps alive another location key, as when a location moves."""
    known = await existing_entities(connection, [item.ref for item in items])
    for item in items:
        if known[item.ref].location_key not in (None, item.location_key):
            await connection.execute(
                update(refresh_state)
                .where(refresh_state.c.entity_ref == item.ref)
                .values(location_key=item.location_key)
            )


async def remove(connection: AsyncConnection, provider: str, refs: Sequence[str], effects: Effects) -> int:
    """The provider lets go of these; returns how many of them it had kept alive."""
    candidates: set[str] = set()
    for part in chunks(sorted(refs)):
        mine = (refs_table.c.source_key == provider) & among(connection, refs_table.c.target_ref, part)
        candidates |= set(await connection.scalars(select(refs_table.c.target_ref).where(mine)))
        await connection.execute(delete(refs_table).where(mine))
    await delete_unreferenced(connection, candidates, effects, f"provider:{provider}")
    return len(candidates)


async def hold_back(
    connection: AsyncConnection, database: Database, provider: str, known: int, missing: Sequence[str]
) -> None:
    """Keep a deletion for a person to confirm; one that was rejected stays so while it is the same."""
    content = orjson.dumps(sorted(missing)).decode()
    row = {"known": known, "missing": content, "state": "waiting", "at": time.time()}
    previous = (
        await connection.execute(select(held_back.c.missing).where(held_back.c.provider == provider))
    ).scalar_one_or_none()
    if previous == content:
        return
    statement = database.insert_for(held_back).values(provider=provider, **row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["provider"], set_=row))


async def release(connection: AsyncConnection, provider: str) -> None:
    await connection.execute(delete(held_back).where(held_back.c.provider == provider))


async def mark_due_by_keys(connection: AsyncConnection, keys: Sequence[str]) -> int:
    """Make every entity due that emitted one of these refresh keys; returns how many."""
    count = 0
    for part in chunks(list(keys)):
        owners = select(refresh_keys.c.entity_id).where(among(connection, refresh_keys.c.key, part))
        result = await connection.execute(
            update(refresh_state)
            .where(refresh_state.c.entity_id.in_(owners))
            .values(next_update_at=time.time())
        )
        count += result.rowcount
    return count
