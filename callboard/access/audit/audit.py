"""The audit log of one process: what is written down now, what may wait, and what is forgotten in time.

What changed something is in the database before its request is answered. Refusals wait for a few seconds
for each other: anyone can cause them, and nobody shall fill the disk with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import Any

import structlog

from callboard.access.audit.event import Event, Severity, Status
from callboard.access.audit.redact import clean_meta, clean_text
from callboard.access.audit.settings import AuditSettings
from callboard.access.audit.store import AuditStore
from callboard.access.principals import INTERNAL, Principal
from callboard.core.database import Database

_log = structlog.get_logger("callboard.audit")
FLUSH = 5.0  # seconds that a refusal waits at most
MOST_WAITING = 100  # different refusals within that time; more are only counted
_PRUNE = 3600.0  # seconds between looks for what is too old


class Audit:
    """`await start()` before use and `await stop()` after it; `store` answers searches."""

    def __init__(self, database: Database, settings: AuditSettings | None = None) -> None:
        self.store = AuditStore(database)
        self._settings = settings or AuditSettings()
        self._pending: list[Event] = []
        self._refused: dict[tuple[object, ...], tuple[Event, int]] = {}
        self._dropped = 0
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._routine: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.store.migrate()
        self._routine = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what waits, then end."""
        if self._routine is not None:
            self._routine.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._routine
        await asyncio.gather(*self._tasks)
        await self.flush()

    async def note(
        self,
        event: str,
        /,
        *,
        plugin: str,
        principal: Principal = INTERNAL,
        severity: Severity = "low",
        status: Status = "succeeded",
        error: str = "",
        **meta: Any,
    ) -> None:
        """Write down something that no request asked for, such as what a task or a command did."""
        happened = Event(
            time.time(),
            plugin,
            event,
            severity,
            status,
            principal.name,
            error=clean_text(error, 300),
            meta=meta,
        )
        actor = replace(happened, via=principal.actor or "", means=principal.means)
        await self.record(replace(actor, meta=clean_meta(meta)))

    async def record(self, event: Event) -> None:
        """Returns when the event is in the database. A database that fails is logged, and holds up nobody."""
        self._tell(event)
        self._pending.append(event)
        # Who comes first writes for all who came meanwhile. Its own task, because a client that hangs up
        # cancels the request, and must not cancel what others wait for.
        await asyncio.shield(self._soon())

    def refused(self, event: Event) -> None:
        """Keep a refusal for the next flush; the same again is only counted, as is what is too much."""
        key = (event.actor, event.ip, event.http_status, "" if event.http_status == 429 else event.event)
        known = self._refused.get(key)
        if known is not None:
            self._refused[key] = (known[0], known[1] + 1)
        elif len(self._refused) < MOST_WAITING:
            self._tell(event)
            self._refused[key] = (event, 1)
        else:
            self._dropped += 1

    def later(self, event: Event) -> None:
        """Write it down soon, for those who cannot wait, as when their request was cancelled."""
        self._tell(event)
        self._pending.append(event)
        self._soon()

    async def flush(self) -> None:
        """Write down all that waits."""
        self._collect()
        await asyncio.shield(self._soon())

    def _soon(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self._write())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _write(self) -> None:
        async with self._writing:
            events, self._pending = self._pending, []
            if not events:
                return  # somebody wrote them along with theirs
            try:
                await self.store.add(events)
            except Exception:  # whatever ails the database, the log must say what was not written
                _log.exception("audit events were not written", events=[event.as_json() for event in events])

    def _collect(self) -> None:
        refused, self._refused = self._refused, {}
        for event, times in refused.values():
            self._pending.append(replace(event, meta={**event.meta, "times": times}) if times > 1 else event)
        if self._dropped:
            meta = {"count": self._dropped}
            self._dropped = 0
            flood = Event(
                time.time(),
                "audit",
                "refusals-dropped",
                "high",
                "failed",
                INTERNAL.name,
                means="internal",
                meta=meta,
            )
            self._tell(flood)
            self._pending.append(flood)

    async def _run(self) -> None:
        prune_at = 0.0
        while True:
            try:
                if time.monotonic() >= prune_at:
                    prune_at = time.monotonic() + _PRUNE
                    await self.store.prune(time.time() - self._settings.keep)
                await asyncio.sleep(FLUSH)
                await self.flush()
            except Exception:  # the next round may succeed
                _log.exception("the audit log could not be kept")
                await asyncio.sleep(FLUSH)

    def _tell(self, event: Event) -> None:
        said = event.as_json()
        del said["id"], said["at"]
        name = f"{event.plugin}.{event.event}"
        getattr(_log, self._settings.levels[event.severity])(name, isAuditEvent=True, **said)
