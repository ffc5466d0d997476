"""The connection a provider is given: what it says becomes rows, in one transaction each time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Deferred
from callboard.catalog.ingest.guard import Guard
from callboard.catalog.store import mutations
from callboard.catalog.store.effects import Effects, finish
from callboard.catalog.store.intake import Incoming
from callboard.core.database import Database
from callboard.core.errors import InputError
from callboard.core.feed import Feed
from callboard.model.refs import entity_ref

log = structlog.get_logger(__name__)


class ProviderConnection:
    """Implements `contract.Connection` for the provider called `name`."""

    def __init__(
        self, name: str, database: Database, feed: Feed, guard: Guard, due: Callable[[], None]
    ) -> None:
        self._name = name
        self._database = database
        self._feed = feed
        self._guard = guard
        self._due = due

    async def apply_full(self, entities: Sequence[Deferred], *, guarded: bool = True) -> None:
        """These are all entities of the provider; what it gave before and is not here goes."""
        items = [_incoming(self._name, item) for item in entities]

        async def work(connection: AsyncConnection) -> None:
            effects = Effects()
            await mutations.lock_provider(connection, self._database, self._name)
            known = await mutations.provided_refs(connection, self._name)
            missing = sorted(known - {item.ref for item in items})
            await mutations.add(connection, self._database, self._name, items, effects)
            if guarded and self._guard.holds_back(len(known), len(missing)):
                await mutations.hold_back(connection, self._database, self._name, len(known), missing)
                log.warning(
                    "a deletion is held back", provider=self._name, known=len(known), missing=len(missing)
                )
            else:
                await mutations.release(connection, self._name)
                await mutations.remove(connection, self._name, missing, effects)
            await finish(connection, self._database, self._feed, effects)

        await self._write(work)

    async def apply_delta(self, added: Sequence[Deferred] = (), removed: Sequence[str] = ()) -> None:
        """Add or change entities, and let go of the refs in `removed`."""
        items = [_incoming(self._name, item) for item in added]

        async def work(connection: AsyncConnection) -> None:
            effects = Effects()
            await mutations.lock_provider(connection, self._database, self._name)
            await mutations.add(connection, self._database, self._name, items, effects)
            await mutations.remove(connection, self._name, removed, effects)
            await finish(connection, self._database, self._feed, effects)

        await self._write(work)

    async def refresh(self, keys: Sequence[str]) -> None:
        """Process again whatever emitted one of these refresh keys."""

        async def work(connection: AsyncConnection) -> None:
            await mutations.mark_due_by_keys(connection, keys)

        await self._write(work)

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        await self._database.write(work)
        self._feed.wake()
        self._due()


def _incoming(provider: str, item: Deferred) -> Incoming:
    metadata = item.entity.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(annotations, dict) or not annotations.get(LOCATION) or not annotations.get(ORIGIN):
        raise InputError(f"an entity of provider {provider} lacks the annotations {LOCATION} and {ORIGIN}")
    return Incoming(entity_ref(item.entity), item.entity, provider, item.location_key, item.origin)
