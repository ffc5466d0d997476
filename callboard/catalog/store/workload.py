"""Figures about the work of ingestion: what waits, what each provider keeps, how Locations were read."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import orjson
from sqlalchemy import case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.stitching import queue_length
from callboard.catalog.store.tables import references as refs_table
from callboard.catalog.store.tables import refresh_state
from callboard.core.among import among
from callboard.core.database import chunks

_S = refresh_state.c


class Waiting(NamedTuple):
    """Entities due now, those that have a time ahead, the age of the oldest due one, and the stitch queue."""

    due: int
    scheduled: int
    oldest_seconds: float | None
    stitching: int


class Read(NamedTuple):
    """How a Location was read last; times are seconds since 1970. `errors` as in an entity's status."""

    entity_ref: str
    type: str | None
    targets: list[str]
    read_at: float | None
    next_at: float | None
    errors: list[dict[str, Any]]


async def waiting(connection: AsyncConnection) -> Waiting:
    now = time.time()
    due = func.count(case((_S.next_update_at <= now, 1)))
    query = select(due, func.count(), func.min(_S.next_update_at)).where(_S.next_update_at.is_not(None))
    count, all_, first = (await connection.execute(query)).one()
    age = now - first if count else None
    return Waiting(count, all_ - count, age, await queue_length(connection))


async def given(connection: AsyncConnection) -> dict[str, tuple[int, int]]:
    """By provider: how many entities it gives itself, and how many there are with all they brought in."""
    own = select(refs_table.c.source_key, func.count()).where(refs_table.c.source_key.is_not(None))
    rows = await connection.execute(own.group_by(refs_table.c.source_key))
    counts: dict[str, int] = {name: count for name, count in rows if name is not None}
    # UNION, not UNION ALL: each pair once, which also ends cycles.
    below = text(
        """
        WITH RECURSIVE below(provider, ref) AS (
            SELECT source_key, target_ref FROM refresh_references WHERE source_key IS NOT NULL
            UNION
            SELECT below.provider, edges.target_ref
            FROM below JOIN refresh_references AS edges ON edges.source_ref = below.ref
        )
        SELECT provider, count(*) FROM below GROUP BY provider
        """
    )
    return {name: (counts.get(name, 0), total) for name, total in await connection.execute(below)}


async def location_reads(connection: AsyncConnection, limit: int) -> tuple[list[Read], int]:
    """Locations, failing ones first, then the one read last; and how many there are."""
    refs = list(await connection.scalars(select(_S.entity_ref).where(_S.entity_ref.like("location:%"))))
    state: list[tuple[bool, float, str]] = []
    for part in chunks(refs):
        query = select(_S.errors == "[]", _S.processed_at, _S.entity_ref).where(
            among(connection, _S.entity_ref, part)
        )
        state += [(bool(good), -(at or 0.0), ref) for good, at, ref in await connection.execute(query)]
    shown = [ref for _, _, ref in sorted(state)[:limit]]
    columns = (_S.entity_ref, _S.unprocessed, _S.processed_at, _S.next_update_at, _S.errors)
    reads: dict[str, Read] = {}
    for part in chunks(shown):
        for row in await connection.execute(select(*columns).where(among(connection, _S.entity_ref, part))):
            reads[row.entity_ref] = _read(row)
    return [reads[ref] for ref in shown if ref in reads], len(refs)


def _read(row: Any) -> Read:
    spec = orjson.loads(row.unprocessed).get("spec")
    spec = spec if isinstance(spec, dict) else {}
    several = spec.get("targets")
    targets = [spec.get("target"), *(several if isinstance(several, list) else ())]
    kind = spec.get("type")
    return Read(
        row.entity_ref,
        kind if isinstance(kind, str) else None,
        [target for target in targets if isinstance(target, str) and target],
        row.processed_at,
        row.next_update_at,
        orjson.loads(row.errors),
    )
