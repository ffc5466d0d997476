"""Claiming entities that are due, and writing what processing made of them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Float, bindparam, case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.deletion import delete_unreferenced
from callboard.catalog.store.effects import Effects
from callboard.catalog.store.intake import Incoming, take_in
from callboard.catalog.store.tables import conflicts, refresh_keys, refresh_state, relations
from callboard.catalog.store.tables import references as refs_table
from callboard.core.among import among
from callboard.core.bulk import insert_rows
from callboard.core.database import Database, chunks

Relation = tuple[str, str, str]


@dataclass(slots=True)
class Outcome:
    """One run's result as rows. `processed` None keeps the last good entity, its children and relations."""

    entity_id: str
    ref: str
    first: bool
    processed: str | None
    errors: str
    result_hash: str
    cache: str | None
    leased_until: float
    next_update_at: float | None
    children: list[Incoming] = field(default_factory=list)
    kept_origins: set[str] = field(default_factory=set)
    relations: list[Relation] = field(default_factory=list)
    refresh_keys: set[str] = field(default_factory=set)


CLAIMED = (
    refresh_state.c.entity_id,
    refresh_state.c.entity_ref,
    refresh_state.c.unprocessed,
    refresh_state.c.result_hash,
    refresh_state.c.cache,
)


async def claim(connection: AsyncConnection, limit: int, until: float) -> list[Any]:
    """Rows of `CLAIMED` that are due. They are leased: due again at `until` unless written before."""
    now = time.time()
    due = (
        select(*CLAIMED)
        .where(refresh_state.c.next_update_at <= now)
        .order_by(refresh_state.c.next_update_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(await connection.execute(due))
    for part in chunks([row[0] for row in rows]):
        await connection.execute(
            update(refresh_state)
            .where(among(connection, refresh_state.c.entity_id, part))
            .values(next_update_at=until)
        )
    return rows


def _next_update() -> Any:
    """The new time, unless a change made the entity due again while it was being processed."""
    ours = refresh_state.c.next_update_at == bindparam("leased_until", type_=Float)
    return case((ours, bindparam("new_next", type_=Float)), else_=refresh_state.c.next_update_at)


_RESCHEDULE = (
    update(refresh_state)
    .where(refresh_state.c.entity_id == bindparam("id"))
    .values(next_update_at=_next_update(), cache=bindparam("new_cache"), processed_at=bindparam("now"))
)
_UPDATE_FAILED = _RESCHEDULE.values(errors=bindparam("new_errors"), result_hash=bindparam("new_hash"))
_UPDATE = _UPDATE_FAILED.values(processed=bindparam("new_processed"))


async def reschedule(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
    """Runs that changed nothing: only their next time is written."""
    names = ("id", "leased_until", "new_next", "new_cache", "now")
    values = [{name: _values(outcome)[name] for name in names} for outcome in outcomes]
    if values:
        await connection.execute(_RESCHEDULE, values)


async def write_outcomes(
    connection: AsyncConnection,
    database: Database,
    outcomes: Sequence[Outcome],
    effects: Effects,
    keep_orphans: bool,
) -> None:
    """Write a batch. `keep_orphans`: children that nobody names any more stay, marked as orphans."""
    outcomes = await _still_there(connection, outcomes)
    good = [outcome for outcome in outcomes if outcome.processed is not None]
    failed = [outcome for outcome in outcomes if outcome.processed is None]
    if good:
        await connection.execute(
            _UPDATE, [{**_values(item), "new_processed": item.processed} for item in good]
        )
    if failed:
        await connection.execute(_UPDATE_FAILED, [_values(item) for item in failed])
    await _write_relations(connection, good, effects)
    await _write_keys(connection, outcomes)
    effects.to_stitch |= {outcome.ref for outcome in outcomes}
    # Last: a parent may let go of a child in this same batch, and all that the child wrote goes with it.
    await _write_children(connection, database, good, effects, keep_orphans)


async def _still_there(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those whose entity was not deleted while it was processed; `first` told anew.

    The rows stay locked, so that a second result of the same entity is written after this one.
    """
    stored: dict[str, bool] = {}
    for part in chunks(sorted(outcome.entity_id for outcome in outcomes)):
        query = select(refresh_state.c.entity_id, refresh_state.c.result_hash.is_(None))
        query = query.where(among(connection, refresh_state.c.entity_id, part)).order_by(
            refresh_state.c.entity_id
        )
        rows = await connection.execute(query.with_for_update(key_share=True))
        stored.update((id, first) for id, first in rows)
    return [
        replace(outcome, first=stored[outcome.entity_id])
        for outcome in outcomes
        if outcome.entity_id in stored
    ]


def _values(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.entity_id,
        "leased_until": outcome.leased_until,
        "new_errors": outcome.errors,
        "new_hash": outcome.result_hash,
        "new_cache": outcome.cache,
        "new_next": outcome.next_update_at,
        "now": time.time(),
    }


async def _write_children(
    connection: AsyncConnection,
    database: Database,
    outcomes: Sequence[Outcome],
    effects: Effects,
    keep_orphans: bool,
) -> None:
    parents = {outcome.ref: outcome for outcome in outcomes}
    held = await _references_of(
        connection, [item.ref for item in outcomes if item.children or not item.first]
    )
    incoming = [child for outcome in outcomes for child in outcome.children]
    if not incoming and not held:
        return
    for part in chunks([outcome.ref for outcome in outcomes if not outcome.first]):
        await connection.execute(delete(conflicts).where(among(connection, conflicts.c.source, part)))
    accepted = await take_in(connection, database, incoming, effects)
    wanted = {
        (child.source, child.ref): child.origin for child in incoming if (child.source, child.ref) in accepted
    }
    missing = [
        {"source_ref": source, "target_ref": ref, "origin": origin}
        for (source, ref), origin in wanted.items()
        if (source, ref) not in held
    ]
    await insert_rows(connection, insert(refs_table), missing)
    dropped = {
        (source, ref): id
        for (source, ref), (id, origin) in held.items()
        if (source, ref) not in wanted and not _kept(parents[source], origin)
    }
    for ids in chunks(sorted(dropped.values())):
        await connection.execute(delete(refs_table).where(refs_table.c.id.in_(ids)))
    # Who existed before gained a parent; who is new is stitched when it has been processed.
    effects.to_stitch |= {pair[1] for pair, existed in accepted.items() if existed and pair not in held}
    lost = {ref for _, ref in dropped}
    if keep_orphans:
        effects.to_stitch |= lost
    else:
        await delete_unreferenced(connection, lost, effects, "no longer named by its location")


def _kept(parent: Outcome, origin: str) -> bool:
    return "*" in parent.kept_origins or origin in parent.kept_origins


async def _references_of(
    connection: AsyncConnection, parents: Sequence[str]
) -> dict[tuple[str, str], tuple[int, str]]:
    held: dict[tuple[str, str], tuple[int, str]] = {}
    for part in chunks(parents):
        query = select(refs_table.c.source_ref, refs_table.c.target_ref, refs_table.c.id, refs_table.c.origin)
        for source, target, id, origin in await connection.execute(
            query.where(among(connection, refs_table.c.source_ref, part))
        ):
            held[source, target] = (id, origin)
    return held


async def _write_relations(
    connection: AsyncConnection, outcomes: Sequence[Outcome], effects: Effects
) -> None:
    """Write only what differs: a relation that stays costs nothing and disturbs no other entity."""
    before: dict[str, set[Relation]] = defaultdict(set)
    for part in chunks([outcome.entity_id for outcome in outcomes if not outcome.first]):
        query = select(
            relations.c.originating_id, relations.c.source_ref, relations.c.type, relations.c.target_ref
        ).where(among(connection, relations.c.originating_id, part))
        for id, *relation in await connection.execute(query):
            before[id].add(tuple(relation))
    added: list[dict[str, Any]] = []
    removed: list[dict[str, Any]] = []
    for outcome in outcomes:
        old, new = before.get(outcome.entity_id, set()), set(outcome.relations)
        added += [_relation_row(outcome.entity_id, relation) for relation in new - old]
        removed += [_relation_row(outcome.entity_id, relation) for relation in old - new]
    await insert_rows(connection, insert(relations), added)
    if removed:
        condition = [relations.c[name] == bindparam(f"old_{name}") for name in _RELATION]
        values = [{f"old_{name}": row[name] for name in _RELATION} for row in removed]
        await connection.execute(delete(relations).where(*condition), values)
    effects.to_stitch |= {row["source_ref"] for row in (*added, *removed)}


_RELATION = ("originating_id", "source_ref", "type", "target_ref")


def _relation_row(entity_id: str, relation: Relation) -> dict[str, Any]:
    return dict(zip(_RELATION, (entity_id, *relation), strict=True))


async def _write_keys(connection: AsyncConnection, outcomes: Sequence[Outcome]) -> None:
    for part in chunks([outcome.entity_id for outcome in outcomes if not outcome.first]):
        await connection.execute(
            delete(refresh_keys).where(among(connection, refresh_keys.c.entity_id, part))
        )
    rows = [{"entity_id": item.entity_id, "key": key} for item in outcomes for key in item.refresh_keys]
    await insert_rows(connection, insert(refresh_keys), rows)


async def mark_due(connection: AsyncConnection, refs: Sequence[str]) -> int:
    """Make these entities due now; returns how many there were."""
    count = 0
    for part in chunks(list(refs)):
        result = await connection.execute(
            update(refresh_state)
            .where(among(connection, refresh_state.c.entity_ref, part))
            .values(next_update_at=time.time())
        )
        count += result.rowcount
    return count


async def release_leases(connection: AsyncConnection) -> None:
    """Nobody works on anything: what a killed process had claimed is due now, and what refreshes is too."""
    await connection.execute(
        update(refresh_state)
        .where(refresh_state.c.next_update_at.is_not(None))
        .values(next_update_at=time.time())
    )


async def mark_all_due(connection: AsyncConnection) -> None:
    """Make everything due and written anew, as after a change of the model or the processors."""
    await connection.execute(
        update(refresh_state).values(next_update_at=time.time(), result_hash="reprocess")
    )
