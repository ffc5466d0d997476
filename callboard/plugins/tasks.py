"""Runs the scheduled tasks of plugins: each on one node at a time, by a lease in the database.

A node that is killed leaves its lease, which ends with the task's timeout.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.database import Database
from callboard.core.errors import CallboardError, NotFoundError
from callboard.plugins.contract import Plugin
from callboard.plugins.contributions import ScheduledTask
from callboard.plugins.live import Live
from callboard.plugins.tables import plugin_tasks

log = structlog.get_logger(__name__)
LOOK = 1.0  # seconds between two looks at what is due
SPREAD = 5.0  # seconds within which a new task runs first
MAX_ERROR = 500


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a task stands; times in seconds since 1970."""

    plugin: str
    task: str
    next_run_at: float
    running: bool
    last_started_at: float | None
    last_finished_at: float | None
    last_error: str | None


class Tasks:
    """The scheduler of one node. `follow` tells it which plugins run now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._live: Live | None = None
        self._known: dict[tuple[str, str], tuple[Plugin, ScheduledTask]] = {}
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()

    async def follow(self, live: Live) -> None:
        """Run the tasks of these plugins from now on. Those of plugins that ended are cancelled."""
        known = {(plugin.id, task.id): (plugin, task) for plugin, task in live.registry.owned(ScheduledTask)}
        gone = [
            key
            for key in self._running
            if key not in known
            or (self._live and live.contexts[key[0]] is not self._live.contexts.get(key[0]))
        ]
        for key in gone:
            self._running[key].cancel()
        self._live, self._known = live, known
        await self._enter(known)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        self._woken.set()

    async def stop(self) -> None:
        tasks = [*self._running.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._looking = None

    async def states(self) -> list[TaskState]:
        """Every task of the plugins that run, with what is known of its runs on any node."""
        async with self._database.read() as rows:
            found = list(await rows.execute(select(plugin_tasks)))
        now = time.time()
        return [
            TaskState(
                row.plugin,
                row.task,
                row.next_run_at,
                (row.leased_until or 0) > now,
                row.last_started_at,
                row.last_finished_at,
                row.last_error,
            )
            for row in found
            if (row.plugin, row.task) in self._known
        ]

    async def trigger(self, plugin: str, task: str) -> None:
        """Run a task now. Raises NotFoundError."""
        if (plugin, task) not in self._known:
            raise NotFoundError(f"There is no task {task} of the plugin {plugin}")
        await self._update(plugin, task, next_run_at=time.time())
        self._woken.set()

    async def _enter(self, known: Mapping[tuple[str, str], object]) -> None:
        """New tasks run soon; those on record keep their time."""
        now = time.time()
        given = [
            # Not all at once: a start has enough to do.
            {"plugin": plugin, "task": task, "next_run_at": now + random.random() * SPREAD}  # noqa: S311
            for plugin, task in known
        ]
        insert = self._database.insert_for(plugin_tasks).on_conflict_do_nothing()

        async def work(rows: AsyncConnection) -> None:
            if given:
                await rows.execute(insert, given)

        await self._database.write(work)

    async def _look(self) -> None:
        while True:
            self._woken.clear()
            try:
                for key in await self._due():
                    if key not in self._running:
                        await self._begin(key)
            except Exception:  # a database that is away for a moment must not end the schedule
                log.exception("scheduled tasks could not be looked at; it is tried again")
            try:
                async with asyncio.timeout(LOOK):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def _due(self) -> list[tuple[str, str]]:
        if not self._known:
            return []
        now = time.time()
        free = or_(plugin_tasks.c.leased_until.is_(None), plugin_tasks.c.leased_until < now)
        query = select(plugin_tasks.c.plugin, plugin_tasks.c.task).where(
            plugin_tasks.c.next_run_at <= now, free
        )
        async with self._database.read() as rows:
            found = [(row.plugin, row.task) for row in await rows.execute(query)]
        return [key for key in found if key in self._known]

    async def _begin(self, key: tuple[str, str]) -> None:
        """Take the lease, unless another node was faster, and run."""
        plugin, task = self._known[key]
        now = time.time()
        free = or_(plugin_tasks.c.leased_until.is_(None), plugin_tasks.c.leased_until < now)
        own = (plugin_tasks.c.plugin == key[0], plugin_tasks.c.task == key[1])
        lease = (
            update(plugin_tasks)
            .where(*own, free)
            .values(leased_until=now + task.timeout + 10, last_started_at=now)
        )

        async def work(rows: AsyncConnection) -> bool:
            return bool((await rows.execute(lease)).rowcount)

        if await self._database.write(work):
            running = asyncio.create_task(self._run(plugin, task))
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key, None))

    async def _run(self, plugin: Plugin, task: ScheduledTask) -> None:
        assert self._live is not None
        live, error = self._live, None
        where = f"the task {task.id}"
        try:
            work = task.run(live.context(plugin))
            await live.health.guarded(plugin.id, where, work, task.timeout)
        except CallboardError as refused:
            error = str(refused)[:MAX_ERROR]
        except Exception as failure:  # noted by `guarded`; the next run may do better
            error = f"{type(failure).__name__}: {failure}"[:MAX_ERROR]
        finally:
            now = time.time()
            # Also when it is cancelled: the lease must not outlive this node's wish to run it.
            await asyncio.shield(
                self._update(
                    plugin.id,
                    task.id,
                    leased_until=None,
                    next_run_at=now + task.every,
                    last_finished_at=now,
                    last_error=error,
                )
            )

    async def _update(self, plugin: str, task: str, **values: float | str | None) -> None:
        own = (plugin_tasks.c.plugin == plugin, plugin_tasks.c.task == task)

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(update(plugin_tasks).where(*own).values(**values))

        await self._database.write(work)


async def forget_tasks(rows: AsyncConnection, plugin: str) -> None:
    """Part of removing a plugin."""
    await rows.execute(delete(plugin_tasks).where(plugin_tasks.c.plugin == plugin))
