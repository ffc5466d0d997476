"""The catalog for the API, the pages and the command line: what they may ask it to do."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog import analyze, dry_run
from callboard.catalog.follower import Follower
from callboard.catalog.index import Index
from callboard.catalog.ingest.contract import Provider
from callboard.catalog.ingest.engine import Engine
from callboard.catalog.ingest.process import Processing
from callboard.catalog.preview import Previewer
from callboard.catalog.providers import RegisteredProvider
from callboard.catalog.questions import Questions
from callboard.catalog.store import locations as locations_store
from callboard.catalog.store import mutations, results
from callboard.catalog.store.ancestry import ancestors
from callboard.catalog.store.deletion import delete_entities, delete_unreferenced
from callboard.catalog.store.effects import Effects, finish
from callboard.catalog.store.tables import held_back, refresh_state
from callboard.catalog.store.tables import references as refs_table
from callboard.core.database import Database
from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.core.feed import Feed
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.model.refs import parse_ref

T = TypeVar("T")
Row = dict[str, Any]
# A deleted entity whose file still names it comes back with its parent's next run, not before this.
RETURN_AFTER = 5.0


class Catalog(Questions):
    """Everything that changes the catalog, and with `Questions` what pages ask of it.

    Reads of entities as they are now are `query.Queries`.
    """

    def __init__(
        self,
        *,
        database: Database,
        feed: Feed,
        index: Index,
        follower: Follower,
        engine: Engine,
        processing: Processing,
        registered: RegisteredProvider,
        previewer: Previewer,
        reader: UrlReader,
        integrations: Integrations,
        readonly: bool = False,
        providers: Callable[[], Sequence[Provider]] = tuple,
        location_types: tuple[str, ...] = ("url",),
    ) -> None:
        super().__init__(
            database=database,
            index=index,
            engine=engine,
            processing=processing,
            previewer=previewer,
            providers=providers,
            location_types=location_types,
        )
        self.readonly = readonly
        self.ingested = False
        """True once every source was read at least once; `Runtime` sets it."""
        self._feed = feed
        self._follower = follower
        self._registered = registered
        self._reader = reader
        self._integrations = integrations

    @property
    def ready(self) -> bool:
        """True while the index of this node is whole."""
        return self.ingested and self._follower.ready

    async def caught_up(self) -> None:
        """Wait until this node's index shows every change committed by now."""
        await self._follower.reached(await self._feed.newest())

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        result = await self.database.write(work)
        self._feed.wake()
        self._engine.wake()
        return result

    # Locations

    async def add_location(self, type: str, target: str, presence: str = "required") -> Row:
        """Register a location. Raises InputError for its type, ConflictError when it exists."""
        self._check_type(type, target)
        try:
            row = await self._write(lambda rows: locations_store.add(rows, type, target, presence))
        except IntegrityError:
            raise ConflictError(f"Location {type}:{target} already exists") from None
        await self._registered.publish()
        return row

    async def dry_run_location(self, type: str, target: str) -> tuple[Row, list[Row], bool]:
        """The location as it would be, the entities it would bring in, and whether it exists."""
        self._check_type(type, target)
        async with self.database.read() as rows:
            known = await locations_store.find(rows, type=type, target=target)
        entities = await dry_run.dry_run(self._processing, type, target)
        ref = f"location:default/{entities[0]['metadata']['name']}"
        location = {"id": f"{type}:{target}", "type": type, "target": target, "entityRef": ref}
        return location, entities, known is not None

    async def refresh_location(self, type: str, target: str) -> Row:
        """The location that exists already, read again now."""
        async with self.database.read() as rows:
            known = await locations_store.find(rows, type=type, target=target)
        if known is None:
            raise NotFoundError(f"Found no location with type {type} and target {target}")
        await self._write(lambda rows: results.mark_due(rows, [known["entityRef"]]))
        return known

    async def update_location(self, id: str, type: str, target: str) -> Row:
        """Point a location elsewhere; its entity keeps its name."""
        self._check_type(type, target)
        known = await self.location(id)
        try:
            await self._write(lambda rows: locations_store.change(rows, id, type, target))
        except IntegrityError:
            raise ConflictError(f"Location {type}:{target} already exists") from None
        await self._registered.publish()
        return {**known, "type": type, "target": target}

    async def delete_location(self, id: str) -> None:
        """Forget a location, and with it what only it brought in."""
        await self.location(id)
        await self._write(lambda rows: locations_store.remove(rows, id))
        await self._registered.publish()

    async def analyze_location(self, type: str, target: str) -> Row:
        self._check_type(type, target)
        registered = {row["target"] for row in await self.locations()}
        return await analyze.analyze(self._reader, self._integrations, target, registered)

    # Entities

    async def refresh(self, entity_ref: str) -> None:
        """Read again what the entity came from, and process it. Raises NotFoundError."""
        try:
            ref = str(parse_ref(entity_ref))
        except InputError:  # Backstage looks for what it is given: what cannot be a reference is not found
            raise NotFoundError(f"Entity {entity_ref} not found") from None
        if not await self.refresh_many([ref]):
            raise NotFoundError(f"Entity {ref} not found")

    async def refresh_many(self, refs: Collection[str]) -> int:
        """Refresh all of these entities; returns how many there are. Refs that name none are passed over."""
        known = sorted({ref.lower() for ref in refs})
        above = {one for one in await ancestors(self.database, *known) if one.startswith("location:")}

        async def work(rows: AsyncConnection) -> int:
            count = await results.mark_due(rows, known)
            await results.mark_due(rows, sorted(above.difference(known)))
            return count

        return await self._write(work)

    async def delete_entity(self, uid: str, by: str = "the API") -> None:
        """Delete an entity at once; nothing happens when there is none. It returns if its source names it.

        `by` stands in its history.
        """

        async def work(rows: AsyncConnection) -> None:
            ref = (
                await rows.execute(select(refresh_state.c.entity_ref).where(refresh_state.c.entity_id == uid))
            ).scalar_one_or_none()
            if ref is None:
                return
            effects = Effects()
            parents = select(refs_table.c.source_ref).where(refs_table.c.target_ref == ref)
            await rows.execute(
                update(refresh_state)
                .where(refresh_state.c.entity_ref.in_(parents))
                .values(result_hash="child-was-deleted", next_update_at=time.time() + RETURN_AFTER)
            )
            children = await delete_entities(rows, {ref}, effects, f"deleted by {by}")
            await delete_unreferenced(rows, children, effects, f"{ref} was deleted")
            await finish(rows, self.database, self._feed, effects)

        await self._write(work)

    async def validate_entity(self, entity: Any, location: str) -> list[Row]:
        return await dry_run.validate(self._processing, entity, location)

    async def reindex(self) -> None:
        """Process everything again and build this node's index anew."""
        await self._write(results.mark_all_due)
        await self._follower.rebuild()

    # What needs attention

    async def delete_unprocessed(self, entity_id: str) -> None:
        await self.delete_entity(entity_id)

    async def confirm_held_back(self, provider: str) -> None:
        """Carry out a deletion that was held back."""

        async def work(rows: AsyncConnection) -> None:
            effects = Effects()
            query = select(held_back.c.missing).where(held_back.c.provider == provider)
            missing = (await rows.execute(query)).scalar_one_or_none()
            if missing is None:
                raise NotFoundError(f"no deletion of {provider} is held back")
            await mutations.remove(rows, provider, orjson.loads(missing), effects)
            await mutations.release(rows, provider)
            await finish(rows, self.database, self._feed, effects)

        await self._write(work)

    async def reject_held_back(self, provider: str) -> None:
        """Keep the entities; the same deletion is not asked about again."""

        async def work(rows: AsyncConnection) -> None:
            decided = update(held_back).where(held_back.c.provider == provider).values(state="rejected")
            if not (await rows.execute(decided)).rowcount:
                raise NotFoundError(f"no deletion of {provider} is held back")

        await self._write(work)
