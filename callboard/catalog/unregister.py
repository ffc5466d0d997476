"""What it would mean to remove an entity: where it comes from, what goes along, and whether it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.index import Index
from callboard.catalog.ingest.contract import LOCATION, ORIGIN
from callboard.catalog.providers import COMMAND_LINE, CONFIGURED, REGISTERED
from callboard.catalog.store import graph
from callboard.catalog.store import locations as locations_store
from callboard.catalog.store.tables import refresh_state
from callboard.core.database import Database
from callboard.core.errors import NotFoundError

MANAGED_BY = f"metadata.annotations.{LOCATION}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How an entity can be removed.

    - `location`: it came in through the registered `location`; `goes` are all refs (the entity and the
      Location among them) that go when that is unregistered. The entity itself is not among them when
      something else keeps it alive.
    - `config`: the operator's configuration or command line names its source. It can only be deleted until
      that is read next; `goes` are the refs that go with it.
    - `entity`: another provider gives it, or nothing does any more (an orphan); `goes` as above.

    `entity_returns`: deleting the entity alone would not last, since something still names it.
    """

    entity_ref: str
    how: Literal["location", "entity", "config"]
    location: dict[str, Any] | None
    goes: list[str]
    entity_returns: bool
    providers: list[str]
    """The names of the providers it descends from."""


async def unregister_plan(database: Database, ref: str) -> Plan:
    """Nothing is written. Raises NotFoundError."""
    ref = ref.lower()
    async with database.read() as rows:
        query = select(refresh_state.c.unprocessed).where(refresh_state.c.entity_ref == ref)
        content = (await rows.execute(query)).scalar_one_or_none()
        if content is None:
            raise NotFoundError(f"Found no entity for ref {ref}")
        roots = await graph.roots(rows, ref)
        registered = await _registered(rows, orjson.loads(content), roots)
        providers = {provider for provider, _ in roots}
        returns = bool(await graph.edges_to(rows, [ref]))
        how: Literal["location", "entity", "config"] = "entity"
        location: dict[str, Any] | None = None
        if registered is not None:
            how, location = "location", registered
            goes = await graph.would_go(rows, location["entityRef"].lower(), REGISTERED)
        else:
            goes = await graph.would_go(rows, ref, None)
            if providers & {CONFIGURED, COMMAND_LINE}:
                how = "config"
    return Plan(ref, how, location, sorted(goes), returns, sorted(providers))


async def _registered(
    rows: AsyncConnection, entity: dict[str, Any], roots: set[tuple[str, str]]
) -> dict[str, Any] | None:
    """The registered location above an entity; of several the one that its annotation names."""
    metadata = entity.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    kind, _, target = str((annotations or {}).get(ORIGIN, "")).partition(":")
    mine = {ref for provider, ref in roots if provider == REGISTERED}
    named = await locations_store.find(rows, type=kind, target=target)
    if named is not None and named["entityRef"].lower() in mine:
        return named
    for ref in sorted(mine):
        found = await locations_store.of_entity(rows, ref)
        if found is not None:
            return found
    return None


async def colocated(database: Database, index: Index, ref: str) -> list[str]:
    """The other entities that were read from the same file or URL, sorted."""
    ref = ref.lower()
    row = index.row(ref)
    if row is None:
        raise NotFoundError(f"Found no entity for ref {ref}")
    field = index.fields.get(MANAGED_BY)
    values = index.values_of(row, MANAGED_BY)
    if field is not None and values:
        rows = field.exact(values[0])
        others = {rows} if isinstance(rows, int) else set(rows or ())
        return sorted(index.ref(one) for one in others if one != row)
    body = (await index.bodies([row]))[0]
    place = body and (orjson.loads(body)["metadata"].get("annotations") or {}).get(LOCATION)
    if not place:
        return []
    # The place is too long to be a term of the index.
    async with database.read() as connection:
        found = await graph.siblings(connection, ref, place)
    return sorted(one for one in found if index.row(one) is not None)
