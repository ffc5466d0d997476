"""What one principal may ask of the catalog besides its entities as they are: `Questions`, each checked.

What is about entities is answered as if those that the principal may not see did not exist; what belongs to
whoever runs the catalog needs a permission of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from callboard.access.permissions import Permission
from callboard.access.permissions.service import Permissions
from callboard.access.principals import Principal
from callboard.catalog.history import RecentChange, Version
from callboard.catalog.index import Index
from callboard.catalog.operations import SHOWN, Operations, orphan_refs
from callboard.catalog.permissions import (
    ENTITY_VALIDATE,
    LOCATION_ANALYZE,
    LOCATION_READ,
    OPERATIONS_READ,
    UNPROCESSED_READ,
)
from callboard.catalog.preview import Preview, PreviewEntity
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import EVERYTHING
from callboard.catalog.query.holding import holds
from callboard.catalog.service import Catalog
from callboard.catalog.store.runs import Run
from callboard.catalog.unregister import Plan
from callboard.catalog.visibility import Visibility
from callboard.core.errors import NotFoundError

Row = dict[str, Any]


class PermittedQuestions:
    """The questions of one principal. Made per request: it remembers nothing."""

    def __init__(
        self, catalog: Catalog, visibility: Visibility, permissions: Permissions, principal: Principal
    ) -> None:
        self._catalog = catalog
        self._visibility = visibility
        self._permissions = permissions
        self.principal = principal

    @property
    def readonly(self) -> bool:
        return self._catalog.readonly

    @property
    def ready(self) -> bool:
        """True while the index of this node is whole."""
        return self._catalog.ready

    @property
    def ingested(self) -> bool:
        """True once every source was read at least once."""
        return self._catalog.ingested

    async def caught_up(self) -> None:
        """Wait until this node's index shows every change committed by now."""
        await self._catalog.caught_up()

    async def queries(self) -> Queries:
        """The catalog as the principal sees it."""
        return await self._visibility.queries_for(self.principal)

    async def allows(self, permission: Permission) -> bool:
        """Whether the principal may do something that is about no single entity."""
        return await self._permissions.allows(self.principal, permission)

    async def _require(self, permission: Permission) -> None:
        await self._permissions.require(self.principal, permission)

    async def _admits(self) -> Callable[[Row], bool] | None:
        """Judges entities by their bodies; None for one who sees everything."""
        condition = (await self.queries()).condition
        return None if condition == EVERYTHING else lambda entity: holds(condition, entity)

    # The past

    async def history(self, ref: str, limit: int = 50, before: float | None = None) -> list[Version]:
        """The versions that the principal may see, if they may see the newest; see `Catalog.history`."""
        return await self._catalog.history(ref, limit, before, await self._admits())

    async def entity_at(self, ref: str, at: float) -> Row | None:
        return await self._catalog.entity_at(ref, at, await self._admits())

    async def recent_changes(
        self, refs: Collection[str] | None = None, limit: int = 20
    ) -> list[RecentChange]:
        return await self._catalog.recent_changes(refs, limit, await self._admits())

    # Locations and removal

    async def locations(self) -> list[Row]:
        """Every registered location; none for one who may not read them."""
        return await self._catalog.locations() if await self.allows(LOCATION_READ) else []

    async def location(self, id: str) -> Row:
        if not await self.allows(LOCATION_READ):
            raise NotFoundError(f"Found no location with ID {id}")
        return await self._catalog.location(id)

    async def location_by_entity(self, kind: str, namespace: str, name: str) -> Row:
        ref = f"{kind}:{namespace}/{name}".lower()
        if not await self.allows(LOCATION_READ) or not await self._may_know(ref):
            raise NotFoundError(f"found no entity for ref {ref}")
        return await self._catalog.location_by_entity(kind, namespace, name)

    async def unregister_plan(self, ref: str) -> Plan:
        """See `Catalog.unregister_plan`. What goes along and may not be seen is not named."""
        if not await self._may_know(ref.lower()):
            raise NotFoundError(f"Found no entity for ref {ref.lower()}")
        plan = await self._catalog.unregister_plan(ref)
        index = (await self.queries()).index
        if plan.location is not None and not await self.allows(LOCATION_READ):
            plan = replace(plan, how="entity", location=None, goes=[plan.entity_ref])
        if not await self._sees_everything():
            plan = replace(plan, goes=[one for one in plan.goes if index.row(one.lower()) is not None])
        return plan

    async def colocated(self, ref: str) -> list[str]:
        return await self._catalog.colocated(ref, (await self.queries()).index)

    async def _sees_everything(self) -> bool:
        return (await self.queries()).condition == EVERYTHING

    async def _may_know(self, ref: str) -> bool:
        """Whether it may be told that something is known under a lower-case ref.

        What was never processed has no relations yet that could be judged, so it is known to those who see
        everything only.
        """
        queries = await self.queries()
        return queries.condition == EVERYTHING or queries.index.row(ref) is not None

    # Before something is registered

    async def preview_url(self, target: str) -> Preview:
        await self._require(LOCATION_ANALYZE)
        return await self._without_hidden(await self._catalog.preview_url(target))

    async def preview_text(self, text: str, source: str = "pasted.yaml") -> Preview:
        await self._require(ENTITY_VALIDATE)
        return await self._without_hidden(await self._catalog.preview_text(text, source))

    async def _without_hidden(self, preview: Preview) -> Preview:
        """A preview that compares with hidden entities as if they were not there: their refs seem free."""
        if preview.location is not None and not await self.allows(LOCATION_READ):
            preview = replace(preview, location=None)
        if await self._sees_everything():
            return preview
        index = (await self.queries()).index

        def shown(one: PreviewEntity) -> PreviewEntity:
            if one.ref is None or one.outcome in ("add", "refuse") or index.row(one.ref.lower()) is not None:
                return one
            problems = [] if one.outcome == "conflict" else one.problems
            return replace(one, outcome="add", changes=[], problems=problems)

        return replace(preview, entities=[shown(one) for one in preview.entities])

    # What needs attention

    async def problems(self) -> list[Row]:
        """Errors and conflicts of what is seen; deletions held back for those who may see operations."""
        return await self._problems(await self._catalog.problems())

    async def problems_of(self, refs: Collection[str]) -> list[Row]:
        return await self._problems(await self._catalog.problems_of(refs))

    async def _problems(self, found: list[Row]) -> list[Row]:
        operator = await self.allows(OPERATIONS_READ)
        everything = await self._sees_everything()
        index = (await self.queries()).index
        shown = []
        for row in found:
            if row["type"] == "heldBack":
                if operator:
                    refs = [
                        ref for ref in row["entityRefs"] if everything or index.row(ref.lower()) is not None
                    ]
                    shown.append({**row, "entityRefs": refs})
            elif everything or index.row(row["entityRef"].lower()) is not None:
                shown.append(row)
        return shown

    async def operations(self) -> Operations:
        """The state of the catalog; of entities only those that are seen."""
        await self._require(OPERATIONS_READ)
        found = await self._catalog.operations()
        if await self._sees_everything():
            return found
        index = (await self.queries()).index
        orphans, orphans_total = orphan_refs(index, SHOWN)
        reads = [one for one in found.locations if index.row(one.entity_ref) is not None]
        wrong = await self._problems(await self._catalog.problems())
        return replace(
            found,
            locations=reads,
            locations_total=len(reads),
            counts=_counts(index),
            orphans=orphans,
            orphans_total=orphans_total,
            errors=[row for row in wrong if row["type"] == "error"][:SHOWN],
            conflicts=[row for row in wrong if row["type"] == "conflict"][:SHOWN],
            held_back=[row for row in wrong if row["type"] == "heldBack"],
            index={**found.index, **index.stats()},
        )

    async def provider_runs(self, provider: str, limit: int = 50) -> list[Run]:
        await self._require(OPERATIONS_READ)
        return await self._catalog.provider_runs(provider, limit)

    async def unprocessed(
        self, state: str, owner: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[Row]:
        await self._require(UNPROCESSED_READ)
        if await self._sees_everything():
            return await self._catalog.unprocessed(state, owner, limit, offset)
        return []  # nobody can say yet whether they would be seen

    async def counts(self) -> dict[str, int]:
        """`known`, `withErrors` and `pending` among what is seen."""
        await self._require(OPERATIONS_READ)
        if await self._sees_everything():
            return await self._catalog.counts()
        index = (await self.queries()).index
        return _counts(index)


def _counts(index: Index) -> dict[str, int]:
    return {"known": len(index), "withErrors": len(index.failing), "pending": 0}
