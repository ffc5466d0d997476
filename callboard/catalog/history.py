"""What entities were before: their versions with the differences, and what changed lately."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from callboard.catalog.difference import Change, diff
from callboard.catalog.store import versions as store
from callboard.catalog.store.tables import CHANGED
from callboard.catalog.store.versions import Stored, Touched
from callboard.core.database import Database

Entity = dict[str, Any]
Admits = Callable[[Entity], bool]
"""Whether somebody may see an entity as it was."""
MAX_VERSIONS = 200
MAX_TOUCHED = 1000
"""How many of what changed last are looked through for what somebody may see."""


@dataclass(frozen=True, slots=True)
class Version:
    """An entity as it was from one time to another (seconds since 1970; `valid_to` None: until now).

    `cause` says what began it; `created` also stands for an entity that came back after a deletion. `changes`
    are the differences to the version before, empty for `created`. `deleted_by` says what deleted the entity
    at `valid_to`, and is None when another version followed or it still exists.
    """

    entity_ref: str
    entity_id: str
    valid_from: float
    valid_to: float | None
    cause: Literal["created", "changed"]
    deleted_by: str | None
    body: Entity = field(repr=False)
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecentChange:
    """The last thing that happened to an entity. `cause` is what deleted it, if that is what happened."""

    entity_ref: str
    at: float
    what: Literal["created", "changed", "deleted"]
    cause: str | None = None
    changes: list[Change] = field(default_factory=list)


async def history(
    database: Database,
    ref: str,
    limit: int = 50,
    before: float | None = None,
    admits: Admits | None = None,
) -> list[Version]:
    """The versions of an entity, newest first; also of one that was deleted. Empty when there never was one.

    `before` is the `valid_from` of the last version already seen. With `admits`, nothing is told of an entity
    whose newest version it does not admit, nor of any older version that it does not.
    """
    limit = max(1, min(limit, MAX_VERSIONS))
    if admits is not None and not await _newest_admitted(database, ref.lower(), admits):
        return []
    made: list[Version] = []
    while len(made) < limit:
        wanted = limit - len(made)
        async with database.read() as rows:
            # One more, to tell what the oldest of the page changed.
            found = await store.versions(rows, ref.lower(), wanted + 1, before)
        bodies = [orjson.loads(one.body) for one in found]
        shown = [admits is None or admits(body) for body in bodies]
        for at, (one, body) in enumerate(zip(found[:wanted], bodies[:wanted], strict=True)):
            if shown[at]:
                older = at + 1 if at + 1 < len(found) and shown[at + 1] else None
                made.append(_version(one, body, None if older is None else (found[older], bodies[older])))
            await asyncio.sleep(0)  # large definitions take their time
        if len(found) <= wanted:
            break
        before = found[wanted - 1].valid_from
    return made


async def _newest_admitted(database: Database, ref: str, admits: Admits) -> bool:
    async with database.read() as rows:
        newest = await store.versions(rows, ref, 1)
    return bool(newest) and admits(orjson.loads(newest[0].body))


def _version(one: Stored, body: Entity, older: tuple[Stored, Entity] | None) -> Version:
    changed = older is not None and older[0].cause == CHANGED
    return Version(
        entity_ref=one.entity_ref,
        entity_id=one.entity_id,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        cause="changed" if changed else "created",
        deleted_by=None if one.cause == CHANGED else one.cause,
        body=body,
        changes=diff(older[1], body) if older is not None and changed else [],
    )


async def entity_at(database: Database, ref: str, at: float, admits: Admits | None = None) -> Entity | None:
    """An entity as people saw it at a time; None when there was none. `admits` as for `history`."""
    ref = ref.lower()
    if admits is not None and not await _newest_admitted(database, ref, admits):
        return None
    async with database.read() as rows:
        found = await store.version_at(rows, ref, at)
    body: Entity | None = None if found is None else orjson.loads(found.body)
    return body if body is None or admits is None or admits(body) else None


async def recent_changes(
    database: Database,
    refs: Collection[str] | None = None,
    limit: int = 20,
    admits: Admits | None = None,
) -> list[RecentChange]:
    """What happened last to each of these entities (None: to all), newest first.

    With `admits`, only of entities whose newest version it admits.
    """
    if refs is not None:
        refs = {ref.lower() for ref in refs}
    limit, looked_through = max(1, limit), max(1, limit)
    while True:
        async with database.read() as rows:
            touched = await store.last_touched(rows, refs, looked_through)
            names = [one.entity_ref for one in touched if one.cause is None or admits is not None]
            now = await store.current(rows, names)
            older = await store.previous(rows, names)
        made = []
        for one in touched:
            await asyncio.sleep(0)  # large definitions take their time
            change = _recent(one, now.get(one.entity_ref), older.get(one.entity_ref), admits)
            if change is not None:
                made.append(change)
        if len(made) >= limit or len(touched) < looked_through or looked_through >= MAX_TOUCHED:
            return made[:limit]
        looked_through = min(looked_through * 4, MAX_TOUCHED)


def _recent(
    one: Touched, new: Stored | None, old: Stored | None, admits: Admits | None
) -> RecentChange | None:
    """What happened to an entity; None when its newest version is not admitted."""
    if admits is not None:
        newest = new or old
        if newest is None or not admits(orjson.loads(newest.body)):
            return None
    if one.cause is not None:
        return RecentChange(one.entity_ref, one.at, "deleted", one.cause)
    if new is not None and old is not None and old.cause == CHANGED:
        before = orjson.loads(old.body)
        if admits is None or admits(before):
            changes = diff(before, orjson.loads(new.body))
            return RecentChange(one.entity_ref, one.at, "changed", changes=changes)
    return RecentChange(one.entity_ref, one.at, "created")
