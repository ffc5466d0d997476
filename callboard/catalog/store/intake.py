"""Taking in unprocessed entities from providers and from parents, with the rules of ownership.

The rules are Backstage's (contract notes A2, "Location-key conflict rules"): a ref without an owner is taken
over by whoever comes with a location key; the same key updates; a different one is a conflict, and the first
owner keeps the ref.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.effects import Effects
from callboard.catalog.store.tables import conflicts, refresh_state
from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.bulk import insert_rows
from callboard.core.database import Database, chunks

log = structlog.get_logger(__name__)
ORIGIN = "backstage.io/managed-by-origin-location"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One entity to take in. `source` is the name of a provider or the ref of a parent."""

    ref: str
    entity: dict[str, Any]
    source: str
    location_key: str | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Existing:
    entity_id: str
    unprocessed_hash: str
    location_key: str | None


def entity_hash(entity: dict[str, Any]) -> str:
    """Equal for equal entities. The origin annotation is left out: two parents may read the same file."""
    metadata = entity.get("metadata")
    if isinstance(metadata, dict) and isinstance(annotations := metadata.get("annotations"), dict):
        kept = {key: value for key, value in annotations.items() if key != ORIGIN}
        entity = {**entity, "metadata": {**metadata, "annotations": kept}}
    content = orjson.dumps(entity, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


async def existing_entities(connection: AsyncConnection, refs: Sequence[str]) -> dict[str, Existing]:
    """What is stored of these refs; no other transaction can delete it before this one ends."""
    found: dict[str, Existing] = {}
    columns = (
        refresh_state.c.entity_ref,
        refresh_state.c.entity_id,
        refresh_state.c.unprocessed_hash,
        refresh_state.c.location_key,
    )
    for part in chunks(refs):
        query = select(*columns).where(among(connection, refresh_state.c.entity_ref, part))
        query = query.order_by(refresh_state.c.entity_ref).with_for_update(read=True, key_share=True)
        rows = await connection.execute(query)
        found.update((row[0], Existing(*row[1:])) for row in rows)
    return found


async def take_in(
    connection: AsyncConnection, database: Database, items: Sequence[Incoming], effects: Effects
) -> dict[tuple[str, str], bool]:
    """Insert or update; returns the accepted `(source, ref)` pairs, True for refs that existed before.

    The caller writes the references.
    """
    known = await existing_entities(connection, sorted({item.ref for item in items}))
    now = time.time()
    new: dict[str, tuple[Incoming, dict[str, Any]]] = {}
    changed: dict[str, dict[str, Any]] = {}
    taken_over: dict[str, str] = {}
    accepted: list[Incoming] = []
    rejected: list[tuple[Incoming, str]] = []
    for item in items:
        old = known.get(item.ref)
        if old is None:
            first = new.get(item.ref)
            if first is not None and first[0].location_key not in (None, item.location_key):
                rejected.append((item, first[0].location_key or ""))
                continue
            if first is None:
                new[item.ref] = (item, _row(item, now))
        elif old.location_key not in (None, item.location_key):
            rejected.append((item, old.location_key))
            continue
        else:
            digest = entity_hash(item.entity)
            if digest != old.unprocessed_hash or old.location_key != item.location_key:
                changed[item.ref] = _row(item, now, digest)
            if old.location_key != item.location_key:
                taken_over[item.ref] = item.source
        accepted.append(item)
    if taken_over:
        holder = func.coalesce(refs_table.c.source_key, refs_table.c.source_ref)
        others = (refs_table.c.target_ref == bindparam("ref")) & (holder != bindparam("owner"))
        owners = [{"ref": ref, "owner": source} for ref, source in sorted(taken_over.items())]
        await connection.execute(delete(refs_table).where(others), owners)
        effects.to_stitch |= set(taken_over)
    rows = [row for _, row in new.values()]
    lost = await _insert(connection, database, rows)
    await _update(connection, list(changed.values()))
    effects.updated |= changed.keys()
    rejected += [(new[ref][0], key or "") for ref, key in lost.items()]
    await _remember_conflicts(connection, database, rejected, now)
    return {(item.source, item.ref): item.ref in known for item in accepted if item.ref not in lost}


def _row(item: Incoming, now: float, digest: str | None = None) -> dict[str, Any]:
    return {
        "entity_id": str(uuid.uuid4()),
        "entity_ref": item.ref,
        "unprocessed": orjson.dumps(item.entity).decode(),
        "unprocessed_hash": digest or entity_hash(item.entity),
        "errors": "[]",
        "next_update_at": now,
        "last_discovery_at": now,
        "location_key": item.location_key,
    }


async def _insert(
    connection: AsyncConnection, database: Database, rows: list[dict[str, Any]]
) -> dict[str, str | None]:
    """Returns refs that another node inserted at the same moment under another key, with that key."""
    await insert_rows(connection, database.insert_for(refresh_state).on_conflict_do_nothing(), rows)
    if not database.is_postgresql:  # its single writer cannot be overtaken
        return {}
    ours = {row["entity_ref"]: row["location_key"] for row in rows}
    stored = await existing_entities(connection, sorted(ours))
    return {ref: old.location_key for ref, old in stored.items() if old.location_key != ours[ref]}


async def _update(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    statement = (
        update(refresh_state)
        .where(refresh_state.c.entity_ref == bindparam("ref"))
        .values({name: bindparam(f"new_{name}") for name in _UPDATED})
    )
    for part in chunks(rows):
        values = [{"ref": row["entity_ref"], **{f"new_{n}": row[n] for n in _UPDATED}} for row in part]
        await connection.execute(statement, values)


_UPDATED = ("unprocessed", "unprocessed_hash", "next_update_at", "last_discovery_at", "location_key")


async def _remember_conflicts(
    connection: AsyncConnection, database: Database, rejected: list[tuple[Incoming, str]], now: float
) -> None:
    for item, owner in rejected:
        log.warning("two sources claim one entity", entity=item.ref, source=item.source, owner=owner)
        statement = database.insert_for(conflicts).values(
            entity_ref=item.ref,
            location_key=item.location_key or "",
            existing_location_key=owner,
            source=item.source,
            at=now,
        )
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["entity_ref", "location_key"],
                set_={"existing_location_key": owner, "source": item.source, "at": now},
            )
        )
