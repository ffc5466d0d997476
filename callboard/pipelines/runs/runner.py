"""Runs the engine in a thread, beside an event loop that holds the lease and writes steps down.

A process that is killed leaves a run that says `running`; the next run says that it was interrupted, and goes
on with what is stale.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from callboard.pipelines.declaration import Model
from callboard.pipelines.engine import Backend, DuckDB, Outcome, Spark, StepReport, execute
from callboard.pipelines.engine.backends import forget_killed, place_of
from callboard.pipelines.engine.order import downstream
from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS
from callboard.pipelines.runs.holder import this_process
from callboard.pipelines.runs.request import RunRequest
from callboard.pipelines.runs.store import Run, RunStore

log = structlog.get_logger(__name__)
LEASE = 60.0  # seconds
LOOK = 0.2  # seconds between two looks at what the engine reported
MAX_ERROR = 2000


def backend_for(
    engine: str, lake: Lake, *, memory: str = "2GB", threads: int = 2, spark_master: str = "local[*]"
) -> Backend:
    """The engine of this name, able to read this lake. Nobody else may run the lake on this machine."""
    place = place_of(lake)
    forget_killed(place)
    if engine == "spark":
        return Spark(spark_master, place=place)
    return DuckDB(memory, threads, fs=None if lake.is_local else lake.fs, place=place)


async def run_pipelines(
    store: RunStore,
    lake: Lake,
    engine: str = "duckdb",
    request: RunRequest | None = None,
    models: Sequence[Model] = MODELS,
    *,
    backend: Backend | None = None,
    memory: str = "2GB",
    threads: int = 2,
    spark_master: str = "local[*]",
) -> Run:
    """Run, and say how it ended; `backend` is for those who keep one open.

    Raises ConflictError while another process runs this lake, and LakeError for models that do not fit.
    """
    request = request or RunRequest()
    downstream(models, request.only)  # raises before anything is written down
    run = Run(
        id=uuid.uuid4().hex,
        lake=lake.url,
        trigger=request.trigger,
        engine=engine,
        since=str(request.since) if request.since else None,
        until=str(request.until) if request.until else None,
        holder=this_process(),
        status="running",
        started_at=time.time(),
    )
    await store.begin(run, LEASE)
    journal = _Journal(store, run)

    def work() -> Outcome:
        own = backend or backend_for(engine, lake, memory=memory, threads=threads, spark_master=spark_master)
        try:
            outcome = execute(
                lake,
                own,
                models,
                today=request.today or datetime.now(UTC).date(),
                since=request.since,
                until=request.until,
                again=request.again,
                only=request.only,
                report=journal.reports.put,
                go_on=lambda: not journal.stop.is_set(),
            )
            if not outcome.stopped:
                lake.collect()
            return outcome
        finally:
            if backend is None:
                own.close()

    running = asyncio.create_task(asyncio.to_thread(work))
    keeping = asyncio.create_task(journal.keep())
    try:
        outcome = await asyncio.shield(running)
        ended = {"status": "stopped" if outcome.stopped else "finished"}
    except asyncio.CancelledError:
        # The thread cannot be cancelled, and the lake must not be let go while it writes.
        journal.stop.set()
        await asyncio.wait([running])
        await _end(journal, keeping)
        await store.finish(run, status="stopped")
        raise
    except Exception as error:
        log.exception("a run of the pipelines failed", run=run.id)
        ended = {"status": "failed", "error": f"{type(error).__name__}: {error}"[:MAX_ERROR]}
    await _end(journal, keeping)
    return await store.finish(run, **ended)


async def _end(journal: _Journal, keeping: asyncio.Task[None]) -> None:
    keeping.cancel()
    await asyncio.wait([keeping])
    await journal.write()


class _Journal:
    """Writes down what the engine's thread reports, and keeps the lease, beside it."""

    def __init__(self, store: RunStore, run: Run) -> None:
        self.reports: queue.SimpleQueue[StepReport] = queue.SimpleQueue()
        self.stop = threading.Event()
        self._store, self._run = store, run
        self._waiting: list[StepReport] = []
        self._next = 1

    async def keep(self) -> None:
        """Until cancelled: write, and renew the lease; who lost it must stop."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.write()
                if time.monotonic() - renewed > LEASE / 3:
                    if not await self._store.renew(self._run, LEASE):
                        log.error("another process took the lake; this run stops", run=self._run.id)
                        self.stop.set()
                    renewed = time.monotonic()
            except Exception:  # a database that is away for a moment must not end the run
                log.exception("a run could not be written down; it is tried again", run=self._run.id)
                if time.monotonic() - renewed > LEASE:
                    self.stop.set()

    async def write(self) -> None:
        """Write down what was reported since; what the database did not take is kept."""
        while not self.reports.empty():
            self._waiting.append(self.reports.get())
        if self._waiting:
            await self._store.add(self._run, self._next, self._waiting)
            self._next += len(self._waiting)
            self._waiting = []
