"""Reading what entities were: their replaced and deleted versions, and who changed last."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.tables import CHANGED, entity_history, final_entities
from callboard.core.among import among
from callboard.core.database import chunks

_H, _F = entity_history.c, final_entities.c


class Stored(NamedTuple):
    """One version. `valid_to` and `cause` (why it ended) are None for the one that people see now."""

    entity_ref: str
    entity_id: str
    body: str
    valid_from: float
    valid_to: float | None = None
    cause: str | None = None


class Touched(NamedTuple):
    """An entity that changed `at`: `cause` is None while it exists, else what deleted it."""

    at: float
    entity_ref: str
    cause: str | None


_OLD = (_H.entity_ref, _H.entity_id, _H.body, _H.valid_from, _H.valid_to, _H.cause)
_NOW = (_F.entity_ref, _F.entity_id, _F.body, _F.updated_at)
# Literally the condition of the partial index, so that both databases see that it fits.
_WAS_DELETED = text(f"cause <> '{CHANGED}'")


async def current(connection: AsyncConnection, refs: Iterable[str]) -> dict[str, Stored]:
    found: dict[str, Stored] = {}
    for part in chunks(sorted(refs)):
        rows = await connection.execute(select(*_NOW).where(among(connection, _F.entity_ref, part)))
        found.update((row[0], Stored(*row)) for row in rows)
    return found


async def versions(
    connection: AsyncConnection, ref: str, limit: int, before: float | None = None
) -> list[Stored]:
    """Versions that began before a time, newest first, the present one among them."""
    now = (await current(connection, [ref])).get(ref)
    found = [now] if now is not None and (before is None or now.valid_from < before) else []
    query = select(*_OLD).where(_H.entity_ref == ref)
    if before is not None:
        query = query.where(_H.valid_from < before)
    query = query.order_by(_H.valid_from.desc(), _H.id.desc()).limit(limit)
    found += [Stored(*row) for row in await connection.execute(query)]
    return found[:limit]


async def version_at(connection: AsyncConnection, ref: str, at: float) -> Stored | None:
    """The version that people saw at a time."""
    now = (await current(connection, [ref])).get(ref)
    if now is not None and now.valid_from <= at:
        return now
    query = select(*_OLD).where(_H.entity_ref == ref, _H.valid_from <= at)
    row = (await connection.execute(query.order_by(_H.valid_from.desc(), _H.id.desc()).limit(1))).first()
    found = None if row is None else Stored(*row)
    return found if found is not None and found.valid_to is not None and at < found.valid_to else None


async def previous(connection: AsyncConnection, refs: Iterable[str]) -> dict[str, Stored]:
    """The newest version in the history of each."""
    found: dict[str, Stored] = {}
    for part in chunks(sorted(refs)):
        newest = select(func.max(_H.id)).where(among(connection, _H.entity_ref, part)).group_by(_H.entity_ref)
        rows = await connection.execute(select(*_OLD).where(_H.id.in_(newest)))
        found.update((row[0], Stored(*row)) for row in rows)
    return found


async def last_touched(
    connection: AsyncConnection, refs: Collection[str] | None, limit: int
) -> list[Touched]:
    """The entities that changed or went last, newest first, each once; among `refs`, or all there are."""
    changed = select(_F.updated_at, _F.entity_ref).order_by(_F.updated_at.desc()).limit(limit)
    gone = _deleted(limit)
    found: list[Touched] = []
    parts: list[Collection[str] | None] = [None] if refs is None else [*chunks(sorted(refs))]
    for part in parts:
        now, past = changed, gone
        if part is not None:
            now, past = (
                now.where(among(connection, _F.entity_ref, part)),
                past.where(among(connection, _H.entity_ref, part)),
            )
        found += [Touched(*row, None) for row in await connection.execute(now)]
        found += [Touched(*row) for row in await connection.execute(past)]
    newest: dict[str, Touched] = {}
    for touched in sorted(found, key=lambda one: (-one.at, one.entity_ref)):
        newest.setdefault(touched.entity_ref, touched)
    return list(newest.values())[:limit]


def _deleted(limit: int) -> Select[Any]:
    """Deletions of what did not come back, newest first."""
    exists = select(_F.entity_ref).where(_F.entity_ref == _H.entity_ref).exists()
    query = select(_H.valid_to, _H.entity_ref, _H.cause).where(_WAS_DELETED, ~exists)
    return query.order_by(_H.valid_to.desc()).limit(limit)
