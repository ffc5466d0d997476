"""The pipelines of one process: its lake, its sources and its runs, as the configuration says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from callboard.catalog.query import Queries
from callboard.core.config import Config
from callboard.core.database import Database
from callboard.core.reader import Limits as ReadLimits
from callboard.core.reader import UrlReader
from callboard.pipelines.capture import Capture
from callboard.pipelines.lake import Lake
from callboard.pipelines.marts import MartReader
from callboard.pipelines.runs import Run, RunRequest, RunStore
from callboard.pipelines.settings import PipelinesSettings
from callboard.pipelines.sources import Outcome, Work
from callboard.pipelines.sources.cache import Cache
from callboard.pipelines.sources.client import Client
from callboard.pipelines.sources.state import State

log = structlog.get_logger(__name__)
READING = ReadLimits(
    max_bytes=1024 * 1024 * 1024, total=600.0
)  # exports are large; who may send them is listed
# Loaded when something is to run, with Ibis, Arrow and DuckDB: most processes never do. The first time takes
# seconds, so it happens in a thread.
RUNNER, COLLECTOR = "callboard.pipelines.runs.runner", "callboard.pipelines.sources.collect"
COLLECTED = "collected"
CALM = 5.0  # seconds for which the catalog stands still
LONGEST_SETTLING = 24  # times that this is waited for


class Pipelines:
    """`ready` returns once the catalog is whole; without it no catalog runs here, as on a command line."""

    def __init__(
        self,
        database: Database,
        data: Path,
        config: Config,
        *,
        queries: Queries | None = None,
        ready: Callable[[], Awaitable[object]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = PipelinesSettings()
        self.capture = Capture(database, clock=clock)
        self.store = RunStore(database)
        self._database = database
        self._data = data
        self._config = config
        self._queries = queries
        self._ready = ready
        self._clock = clock
        self._lake: Lake | None = None
        self._marts: MartReader | None = None
        self._migrated = False
        self._collecting = asyncio.Lock()

    @property
    def enabled(self) -> bool:
        return self.settings.enabled

    @property
    def is_sample(self) -> bool:
        """Whether the numbers are made up, for demonstration."""
        return self.settings.sources.recorded is not None

    @property
    def lake(self) -> Lake:
        """Raises LakeError when it cannot be opened."""
        if self._lake is None:
            self._lake = Lake(self.settings.lake_url(self._data), self.settings.lake.options)
        return self._lake

    @property
    def marts(self) -> MartReader:
        if self._marts is None:
            self._marts = MartReader(self.lake)
        return self._marts

    async def follow(self, settings: PipelinesSettings) -> None:
        """Go on with these settings."""
        if settings.lake != self.settings.lake:
            self._lake = self._marts = None
        self.settings = settings
        await self.capture.follow(settings.usage, lambda: self.lake)

    async def stop(self) -> None:
        await self.capture.stop()

    async def ready(self) -> None:
        """Return once the catalog of this process is whole, and has stood still for a moment.

        After a start entities are completed by others that came later; its picture is taken after that.
        """
        if self._ready is None:
            return
        await self._ready()
        if self._queries is not None:
            for _ in range(LONGEST_SETTLING):
                version = self._queries.index.version
                await asyncio.sleep(CALM)
                if self._queries.index.version == version:
                    return

    async def opened(self) -> RunStore:
        """The runs, with their tables in place."""
        if not self._migrated:
            await self.store.migrate()
            self._migrated = True
        return self.store

    async def run(self, request: RunRequest | None = None, *, collecting: bool = True) -> Run:
        """Let the sources collect, then make what is stale. Raises ConflictError while another run is on."""
        request = request or RunRequest()
        store = await self.opened()
        if collecting:
            await self.collect(request.since, request.until)
        await asyncio.to_thread(import_module, RUNNER)
        from callboard.pipelines.runs.runner import run_pipelines

        return await run_pipelines(
            store, self.lake, self.settings.engine, request, memory=self.settings.memory
        )

    async def collect(self, since: date | None = None, until: date | None = None) -> list[Outcome]:
        """What each source did; it is remembered for those who look later."""
        await asyncio.to_thread(import_module, COLLECTOR)
        from callboard.pipelines.sources.collect import collect, sources_of

        async with self._collecting:
            await self.capture.flush()
            lake, limits = self.lake, self.settings.sources.limits
            state = State(lake)
            async with UrlReader.from_config(self._config.data, limits=READING) as reader:
                work = Work(
                    lake,
                    Client(reader, Cache(lake), limits),
                    state,
                    self._clock(),
                    queries=self._queries,
                    database=self._database if self._queries is not None else None,
                    since=since,
                    until=until,
                )
                outcomes = await collect(sources_of(self.settings.sources), work)
            await state.remember(COLLECTED, {one.source: _told(one, work.now) for one in outcomes})
            return outcomes

    async def collected(self) -> dict[str, dict[str, Any]]:
        """What each source did last (as `_told` writes it), by its name."""
        return await State(self.lake).of(COLLECTED)


def _told(outcome: Outcome, now: datetime) -> dict[str, Any]:
    """An outcome as JSON."""
    return {
        "at": now.timestamp(),
        "rows": outcome.rows,
        "asked": outcome.asked,
        "unchanged": outcome.unchanged,
        "seconds": round(outcome.seconds, 3),
        "problems": [{**asdict(one), "text": str(one)} for one in outcome.problems[:200]],
    }
