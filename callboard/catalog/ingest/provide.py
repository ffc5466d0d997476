"""The connection a provider is given: what it says becomes rows, in one transaction each time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Deferred
from callboard.catalog.ingest.guard import Guard
from callboard.catalog.store import mutations, runs
from callboard.catalog.store.effects import Effects, finish
from callboard.catalog.store.intake import Incoming
from callboard.catalog.store.runs import Run
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

        async def work(connection: AsyncConnection, run: Run) -> None:
            items = [_incoming(self._name, item) for item in entities]
            effects = Effects()
            await mutations.lock_provider(connection, self._database, self._name)
            known = await mutations.provided_refs(connection, self._name)
            missing = sorted(known - {item.ref for item in items})
            run.added, run.updated = await mutations.add(
                connection, self._database, self._name, items, effects
            )
            if guarded and self._guard.holds_back(len(known), len(missing)):
                await mutations.hold_back(connection, self._database, self._name, len(known), missing)
                log.warning(
                    "a deletion is held back", provider=self._name, known=len(known), missing=len(missing)
                )
            else:
                await mutations.release(connection, self._name)
                run.removed = await mutations.remove(connection, self._name, missing, effects)
            # Before the feed, after which nothing may be locked.
            await runs.record(connection, run)
            await finish(connection, self._database, self._feed, effects)

        await self._run(work)

    async def apply_delta(self, added: Sequence[Deferred] = (), removed: Sequence[str] = ()) -> None:
        """Add or change entities, and let go of the refs in `removed`."""

        async def work(connection: AsyncConnection, run: Run) -> None:
            items = [_incoming(self._name, item) for item in added]
            effects = Effects()
            await mutations.lock_provider(connection, self._database, self._name)
            run.added, run.updated = await mutations.add(
                connection, self._database, self._name, items, effects
            )
            run.removed = await mutations.remove(connection, self._name, removed, effects)
            await runs.record(connection, run)
            await finish(connection, self._database, self._feed, effects)

        await self._run(work)

    async def refresh(self, keys: Sequence[str]) -> None:
        """Process again whatever emitted one of these refresh keys."""

        async def work(connection: AsyncConnection) -> None:
            await mutations.mark_due_by_keys(connection, keys)

        await self._write(work)

    async def failed(self, message: str) -> None:
        """The provider could not learn what exists; what it gave before stays, and people can see why."""
        now = time.time()
        run = Run(self._name, now, error=message)

        async def work(connection: AsyncConnection) -> None:
            await runs.record(connection, run)

        await self._database.write(work)

    async def _run(self, work: Callable[[AsyncConnection, Run], Awaitable[None]]) -> None:
        """Write in one transaction with the record of the run; a run that fails is recorded by itself."""
        started = time.time()
        try:
            await self._write(lambda connection: work(connection, Run(self._name, started)))
        except Exception as error:
            with contextlib.suppress(DBAPIError, OSError):  # the database itself may be what failed
                await self.failed(str(error) or type(error).__name__)
            raise

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
