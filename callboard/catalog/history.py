"""What entities were before: their versions with the differences, and what changed lately."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from callboard.catalog.difference import Change, diff
from callboard.catalog.store import versions as store
from callboard.catalog.store.tables import CHANGED
from callboard.catalog.store.versions import Stored
from callboard.core.database import Database

Entity = dict[str, Any]
MAX_VERSIONS = 200


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
    database: Database, ref: str, limit: int = 50, before: float | None = None
) -> list[Version]:
    """The versions of an entity, newest first; also of one that was deleted. Empty when there never was one.

    `before` is the `valid_from` of the last version already seen.
    """
    limit = max(1, min(limit, MAX_VERSIONS))
    async with database.read() as rows:
        # One more, to tell what the oldest of the page changed.
        found = await store.versions(rows, ref.lower(), limit + 1, before)
    bodies = [orjson.loads(one.body) for one in found]
    made: list[Version] = []
    pairs = itertools.zip_longest(zip(found, bodies, strict=True), zip(found[1:], bodies[1:], strict=True))
    for (one, body), older in itertools.islice(pairs, limit):
        made.append(_version(one, body, older))
        await asyncio.sleep(0)  # large definitions take their time
    return made


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


async def entity_at(database: Database, ref: str, at: float) -> Entity | None:
    """An entity as people saw it at a time; None when there was none."""
    async with database.read() as rows:
        found = await store.version_at(rows, ref.lower(), at)
    return None if found is None else orjson.loads(found.body)


async def recent_changes(
    database: Database, refs: Collection[str] | None = None, limit: int = 20
) -> list[RecentChange]:
    """What happened last to each of these entities (None: to all), newest first."""
    if refs is not None:
        refs = {ref.lower() for ref in refs}
    async with database.read() as rows:
        touched = await store.last_touched(rows, refs, max(1, limit))
        living = [one.entity_ref for one in touched if one.cause is None]
        now = await store.current(rows, living)
        older = await store.previous(rows, living)
    made = []
    for one in touched:
        new, old = now.get(one.entity_ref), older.get(one.entity_ref)
        if one.cause is not None:
            made.append(RecentChange(one.entity_ref, one.at, "deleted", one.cause))
        elif new is not None and old is not None and old.cause == CHANGED:
            changes = diff(orjson.loads(old.body), orjson.loads(new.body))
            made.append(RecentChange(one.entity_ref, one.at, "changed", changes=changes))
        else:
            made.append(RecentChange(one.entity_ref, one.at, "created"))
    return made
