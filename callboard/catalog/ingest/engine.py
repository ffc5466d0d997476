"""The engine: claims what is due, processes it, writes the results and stitches, until nothing is left.

Several engines on one database share the work; each row is leased, so a killed one loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.ingest.contract import Deferred
from callboard.catalog.ingest.final import build_final
from callboard.catalog.ingest.process import Claimed, Processing, Result
from callboard.catalog.store import results as store
from callboard.catalog.store.ancestry import ancestors
from callboard.catalog.store.effects import Effects, finish
from callboard.catalog.store.intake import Incoming
from callboard.catalog.store.stitching import stitch
from callboard.core.database import Database
from callboard.core.feed import Feed
from callboard.model.refs import entity_ref

log = structlog.get_logger(__name__)
BATCH = 1000
CLAIM = 4 * BATCH  # claiming waits for SQLite's one writer, so it is done for several batches at once
LEASE = 120.0
CONCURRENT_READS = 16
STITCH_AT_LEAST_EVERY = 2.0
PRESENCE = 7303014522  # any number that is the same on every node


@dataclass(slots=True)
class Progress:
    """Totals since the start, and seconds spent in each stage."""

    processed: int = 0
    failed: int = 0
    stitched: int = 0
    processing: float = 0.0
    writing: float = 0.0
    stitching: float = 0.0


class Engine:
    """`interval` seconds between refreshes of what was read from outside; None never refreshes."""

    def __init__(
        self,
        database: Database,
        feed: Feed,
        processing: Processing,
        *,
        interval: float | None = 100.0,
        keep_orphans: bool = False,
    ) -> None:
        self._database = database
        self._feed = feed
        self._processing = processing
        self._interval = interval
        self._keep_orphans = keep_orphans
        self._due = asyncio.Event()
        self._idle = asyncio.Event()
        self._drained = False
        self._reads = asyncio.Semaphore(CONCURRENT_READS)
        self.progress = Progress()
        self.in_hand = 0
        """Entities claimed by this node and not written yet."""

    def wake(self) -> None:
        """Something became due: look at once instead of at the next poll."""
        self._idle.clear()
        self._due.set()

    async def settled(self) -> None:
        """Wait until nothing is due and everything is stitched."""
        await self._idle.wait()

    async def run(self, poll: float = 1.0) -> None:
        """Work until cancelled."""
        while True:
            try:
                async with self._database.presence(PRESENCE) as alone:
                    if alone:
                        await self._database.write(store.release_leases)
                    await self._work(poll)
            except (DBAPIError, OSError):
                log.exception("ingestion cannot reach the database; it tries again in a second")
                await asyncio.sleep(1)

    async def _work(self, poll: float) -> None:
        while True:
            self._due.clear()
            try:
                await self.drain()
            except Exception:  # a database that is away for a moment must not end ingestion
                log.exception("ingestion failed; it goes on in a second")
                await asyncio.sleep(1)
                continue
            if not self._due.is_set():
                self._idle.set()
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(poll):
                    await self._due.wait()

    async def drain(self) -> None:
        """Process and stitch until nothing is due now."""
        last_stitch = time.monotonic()
        self.in_hand = 0
        following: asyncio.Task[None] | None = None
        while True:
            claimed, until = await self._claim()
            self.in_hand += len(claimed)
            if not claimed and following is None:
                break
            for start in range(0, len(claimed), BATCH):
                results = await self._process(claimed[start : start + BATCH])
                # While the database writes this batch, the next one is claimed and processed.
                if following is not None:
                    await following
                following = asyncio.create_task(self._write(results, until))
            if len(claimed) < CLAIM and following is not None:
                await following  # it may make children due
                following = None
            # A first ingestion is stitched once, at its end: nobody is served before, and each time more
            # costs the entities that many others name, such as teams, all over again.
            waited = time.monotonic() - last_stitch
            if self._drained and (waited > STITCH_AT_LEAST_EVERY or len(claimed) < CLAIM):
                await self._stitch_all()
                last_stitch = time.monotonic()
        await self._stitch_all()
        self._drained = True

    async def _claim(self) -> tuple[list[Claimed], float]:
        until = time.time() + LEASE
        rows = await self._database.write(lambda connection: store.claim(connection, CLAIM, until))
        return [Claimed(*row) for row in rows], until

    async def _process(self, claimed: Sequence[Claimed]) -> list[Result]:
        started = time.perf_counter()
        results: list[Result] = []
        reading: list[asyncio.Task[Result]] = []
        reads = self._processing.reads
        for index, item in enumerate(claimed):
            if reads or item.ref.startswith("location:") or item.may_have_placeholder:
                reading.append(asyncio.create_task(self._read(item)))
                continue
            results.append(await self._processing.run(item))
            if index % 5 == 4:
                await asyncio.sleep(0)  # requests are served, and the database gets its next work
        results += await asyncio.gather(*reading)
        self.progress.processing += time.perf_counter() - started
        self.progress.processed += len(results)
        self.progress.failed += sum(1 for result in results if result.errors)
        return results

    async def _read(self, item: Claimed) -> Result:
        async with self._reads:
            result = await self._processing.run(item)
            await self._refuse_cycles(result)
            return result

    async def _refuse_cycles(self, result: Result) -> None:
        """A Location must not bring in one of its own ancestors: each would keep the other alive for ever."""
        names = {entity_ref(child.entity) for child in result.children}
        if not any(name.startswith("location:") for name in names):
            return
        above = await ancestors(self._database, result.claimed.ref)
        cyclic = names & above
        if cyclic:
            result.refuse(cyclic)

    def _outcome(self, result: Result, until: float) -> store.Outcome:
        claimed = result.claimed
        entity = result.entity
        processed = None
        if entity is not None:
            own = [{"type": kind, "targetRef": target} for kind, target in result.own_relations]
            processed = orjson.dumps({**entity, "relations": own}).decode()
        return store.Outcome(
            entity_id=claimed.entity_id,
            ref=claimed.ref,
            first=claimed.result_hash is None,
            processed=processed,
            errors=orjson.dumps(result.errors).decode(),
            result_hash=result.hash,
            cache=result.cache,
            leased_until=until,
            next_update_at=self._next_update(result),
            children=[_incoming(claimed.ref, child) for child in result.children],
            kept_origins=result.kept_origins,
            relations=result.relations,
            refresh_keys=result.refresh_keys,
        )

    def _next_update(self, result: Result) -> float | None:
        if self._interval is None or not (result.reads or result.errors):
            return None  # only a change of its input makes it due
        return time.time() + self._interval * (1 + random.random() / 2)  # noqa: S311 - spreads the load

    async def _write(self, results: Sequence[Result], until: float) -> None:
        started = time.perf_counter()
        outcomes = [self._outcome(result, until) for result in results if not result.unchanged]
        unchanged = [self._outcome(replace(r, entity=None), until) for r in results if r.unchanged]

        async def work(connection: AsyncConnection) -> None:
            effects = Effects()
            await store.reschedule(connection, unchanged)
            if outcomes:
                await store.write_outcomes(connection, self._database, outcomes, effects, self._keep_orphans)
            await finish(connection, self._database, self._feed, effects)

        await self._database.write(work)
        self.in_hand -= len(results)
        self._feed.wake()
        self.progress.writing += time.perf_counter() - started

    async def _stitch_all(self) -> None:
        # PostgreSQL builds one batch while Python builds another; SQLite has one writer.
        lanes = 2 if self._database.is_postgresql else 1
        await asyncio.gather(*(self._stitch_lane() for _ in range(lanes)))

    async def _stitch_lane(self) -> None:
        while await self._stitch_batch() == BATCH:
            pass

    async def _stitch_batch(self) -> int:
        started = time.perf_counter()

        async def work(connection: AsyncConnection) -> int:
            effects = Effects()
            count = await stitch(connection, self._database, BATCH, build_final, effects)
            await finish(connection, self._database, self._feed, effects)
            return count

        count = await self._database.write(work)
        self._feed.wake()
        self.progress.stitching += time.perf_counter() - started
        self.progress.stitched += count
        return count


def _incoming(parent: str, child: Deferred) -> Incoming:
    return Incoming(entity_ref(child.entity), child.entity, parent, child.location_key, child.origin)
