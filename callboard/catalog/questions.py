"""What pages ask of the catalog besides its entities as they are: past, plans, previews, and its own state.

`Catalog` answers these too; entities as they are now come from `query.Queries`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import orjson
from sqlalchemy import select

from callboard.catalog import history, operations, unregister
from callboard.catalog.history import Admits, RecentChange, Version
from callboard.catalog.index import Index
from callboard.catalog.ingest.contract import ORIGIN, Provider
from callboard.catalog.ingest.engine import Engine
from callboard.catalog.ingest.process import Processing
from callboard.catalog.operations import Operations
from callboard.catalog.preview import Preview, Previewer
from callboard.catalog.store import locations as locations_store
from callboard.catalog.store import problems, runs
from callboard.catalog.store.runs import Run
from callboard.catalog.store.tables import refresh_state
from callboard.catalog.unregister import Plan
from callboard.core.database import Database
from callboard.core.errors import InputError, NotFoundError, Problem
from callboard.model.refs import LocationRef

Row = dict[str, Any]
MAX_TARGET = 2000


class Questions:
    """All that is read from the database; nothing here changes anything."""

    def __init__(
        self,
        *,
        database: Database,
        index: Index,
        engine: Engine,
        processing: Processing,
        previewer: Previewer,
        providers: Callable[[], Sequence[Provider]],
        location_types: Sequence[str],
    ) -> None:
        self.database = database
        self.index = index
        self._engine = engine
        self._processing = processing
        self._previewer = previewer
        self._providers = providers
        self._location_types = location_types

    # The past

    async def history(
        self, ref: str, limit: int = 50, before: float | None = None, admits: Admits | None = None
    ) -> list[Version]:
        """Versions of an entity, newest first, also of a deleted one; `before`: that began before this."""
        return await history.history(self.database, ref, limit, before, admits)

    async def entity_at(self, ref: str, at: float, admits: Admits | None = None) -> Row | None:
        """The entity as it was seen at a time, in seconds since 1970."""
        return await history.entity_at(self.database, ref, at, admits)

    async def recent_changes(
        self, refs: Collection[str] | None = None, limit: int = 20, admits: Admits | None = None
    ) -> list[RecentChange]:
        """What happened last to each of these entities (None: to all), newest first."""
        return await history.recent_changes(self.database, refs, limit, admits)

    # Locations and removal

    async def locations(self) -> list[Row]:
        async with self.database.read() as rows:
            return await locations_store.all_locations(rows)

    async def location(self, id: str) -> Row:
        async with self.database.read() as rows:
            found = await locations_store.find(rows, id=id)
        if found is None:
            raise NotFoundError(f"Found no location with ID {id}")
        return found

    async def location_by_entity(self, kind: str, namespace: str, name: str) -> Row:
        """The registered location that an entity came from."""
        ref = f"{kind}:{namespace}/{name}".lower()
        async with self.database.read() as rows:
            query = select(refresh_state.c.unprocessed).where(refresh_state.c.entity_ref == ref)
            content = (await rows.execute(query)).scalar_one_or_none()
            if content is None:
                raise NotFoundError(f"found no entity for ref {ref}")
            origin = orjson.loads(content)["metadata"]["annotations"][ORIGIN]
            type_, _, target = origin.partition(":")
            found = await locations_store.find(rows, type=type_, target=target)
        if found is None:
            raise NotFoundError(f"Found no location with type {type_} and target {target}")
        return found

    def _check_type(self, kind: str, target: str) -> None:
        if kind not in self._location_types:
            allowed = orjson.dumps(list(self._location_types)).decode()
            raise InputError(f"Registered locations must be of an allowed type {allowed}")
        if len(target) > MAX_TARGET or "\0" in target:
            raise InputError(f"A location's target has at most {MAX_TARGET} characters and no NUL")

    async def unregister_plan(self, ref: str) -> Plan:
        """How an entity could be removed and what would go along. Raises NotFoundError."""
        return await unregister.unregister_plan(self.database, ref)

    async def colocated(self, ref: str, index: Index | None = None) -> list[str]:
        """The other entities read from the same file or URL, as `index` shows them. Raises NotFoundError."""
        return await unregister.colocated(self.database, self.index if index is None else index, ref)

    # Before something is registered

    async def preview_url(self, target: str) -> Preview:
        """What registering a URL would add, change or be refused. Raises InputError for a target too long."""
        self._check_type("url", target)
        return await self._previewer.url(target)

    async def preview_text(self, text: str, source: str = "pasted.yaml") -> Preview:
        """What a file with this text would add, change or be refused."""
        return await self._previewer.text(text, source)

    # What needs attention

    async def operations(self) -> Operations:
        """Sources, queue, problems, memory and what was slow."""
        wrong = await self.problems()
        return await operations.operations(
            self.database, self.index, self._providers(), self._engine.in_hand, wrong
        )

    async def provider_runs(self, provider: str, limit: int = 50) -> list[Run]:
        """The newest runs of a provider, newest first."""
        async with self.database.read() as rows:
            return await runs.runs_of(rows, provider, limit)

    async def unprocessed(
        self, state: str, owner: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[Row]:
        """Entities that nobody sees yet: `failed` or `pending`; `owner` compares with spec.owner."""
        async with self.database.read() as rows:
            found = await problems.unprocessed(rows, state)
        if owner:
            found = [
                row for row in found if (row["unprocessed_entity"].get("spec") or {}).get("owner") == owner
            ]
        return found[offset:] if limit is None else found[offset : offset + limit]

    async def problems(self) -> list[Row]:
        """Every error, conflict and held-back deletion."""
        async with self.database.read() as rows:
            conflicts = [self._placed(conflict) for conflict in await problems.all_conflicts(rows)]
            return [*await problems.all_held_back(rows), *conflicts, *await problems.errors(rows)]

    async def problems_of(self, refs: Collection[str]) -> list[Row]:
        """The errors and conflicts of some entities, seen or not."""
        async with self.database.read() as rows:
            conflicts = [self._placed(conflict) for conflict in await problems.all_conflicts(rows, refs)]
            return [*conflicts, *await problems.errors(rows, refs)]

    def _placed(self, conflict: Row) -> Row:
        """A conflict with the line where the second source describes the entity."""
        kind, _, target = conflict.pop("locationKey").partition(":")
        name = Problem(conflict["message"], ("metadata", "name"))
        place = self._processing.texts.place(name, LocationRef(kind, target), conflict["entityRef"])
        found = {"source": target, "field": name.field, "line": place.line, "column": place.column}
        return {**conflict, **{key: value for key, value in found.items() if value is not None}}

    async def counts(self) -> dict[str, int]:
        async with self.database.read() as rows:
            return await problems.counts(rows)
