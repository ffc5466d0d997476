"""Takes in events without anybody waiting: they queue in memory and are written in the background.

No address, no user agent and, by default, no name of a person is ever looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from callboard.core.database import Database
from callboard.pipelines.capture.event import Event, Scalar, impersonal
from callboard.pipelines.capture.pseudonyms import Pseudonyms
from callboard.pipelines.capture.spool import Spool
from callboard.pipelines.lake import Lake
from callboard.pipelines.settings import Usage

log = structlog.get_logger(__name__)
EVERY = 10.0  # seconds between two writes
BATCH = 5000  # events of a file


@dataclass(frozen=True, slots=True)
class Counts:
    """Since this process started: events that were taken in, written, and dropped for want of room."""

    taken: int
    written: int
    dropped: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who does something. `owner` is a user's reference or a browser's id, None for a stranger."""

    owner: str | None = None
    teams: tuple[str, ...] = ()
    agrees: bool = True


class Capture:
    """Of one process. It takes in nothing until `follow` was given settings that say so."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = Usage()
        self._pseudonyms: Pseudonyms | None = None
        self._queue: deque[Event] = deque()
        self._spool: Spool | None = None
        self._writing: asyncio.Task[None] | None = None
        self._taken = self._written = self._dropped = 0

    @property
    def enabled(self) -> bool:
        return self._spool is not None

    @property
    def counts(self) -> Counts:
        return Counts(self._taken, self._written, self._dropped, len(self._queue))

    async def follow(self, settings: Usage, lake: Callable[[], Lake]) -> None:
        """Go on with these settings; `lake` is opened only when usage is captured."""
        if settings == self._settings and self.enabled == settings.enabled:
            return
        await self.stop()
        self._settings = settings
        if not settings.enabled:
            return
        self._spool = Spool(await asyncio.to_thread(lake))
        if settings.identify == "pseudonymous":
            self._pseudonyms = Pseudonyms(self._database, settings.rotate)
            await self._pseudonyms.renew(self._clock())
        self._writing = asyncio.create_task(self._write_on())

    async def stop(self) -> None:
        """Write what waits, and take in nothing more."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
            await self.flush()
        self._writing = self._spool = self._pseudonyms = None

    def note(
        self,
        visitor: Visitor,
        action: str,
        subject: str,
        *,
        plugin: str | None = None,
        page: str | None = None,
        value: float | None = None,
        attributes: Mapping[str, Scalar] | None = None,
    ) -> None:
        """Something happened here. It returns at once, whatever becomes of the event."""
        if self._spool is not None and visitor.agrees:
            told = subject if action == "search" else impersonal(subject)
            self.take(
                visitor,
                Event(action, told, self._clock(), value, plugin, page, attributes=attributes or {}),
            )

    def take(self, visitor: Visitor, event: Event) -> bool:
        """The same for an event that a client sent; False when it was not taken."""
        if self._spool is None or not visitor.agrees:
            return False
        if len(self._queue) >= self._settings.queue:
            self._dropped += 1
            return False
        self._queue.append(self._marked(event, visitor))
        self._taken += 1
        return True

    async def flush(self) -> None:
        """Write everything that waits."""
        while self._queue and self._spool is not None:
            some = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            try:
                await asyncio.to_thread(self._spool.write, some)
            except OSError:
                self._dropped += len(some)
                log.exception("usage events could not be written, and are lost", events=len(some))
                return
            self._written += len(some)

    def _marked(self, event: Event, visitor: Visitor) -> Event:
        """With as much of the visitor as the settings allow."""
        identify = self._settings.identify
        if identify == "none" or visitor.owner is None:
            return event
        who = visitor.owner if self._pseudonyms is None else self._pseudonyms.of(visitor.owner)
        team = min(visitor.teams, default=None)
        return Event(
            event.action,
            event.subject,
            event.at,
            event.value,
            event.plugin,
            event.page,
            team,
            who,
            event.attributes,
            event.context,
        )

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                if self._pseudonyms is not None:
                    await self._pseudonyms.renew(self._clock())
            except Exception:  # a database that is away for a moment must not end the capture
                log.exception("the key of the visitors could not be renewed; it is tried again")
            with contextlib.suppress(Exception):  # told by `flush`; the next ones may be written
                await self.flush()
