"""Hands events to the plugins that subscribed to their topic, one after another for each subscriber.

Events are of this process: who needs every change of the catalog on every node follows the change feed.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from callboard.plugins.contract import Plugin
from callboard.plugins.contributions import Event, EventSubscriber
from callboard.plugins.live import Live

log = structlog.get_logger(__name__)
WAITING = 10_000  # events of one subscriber; a full queue loses the newest, and says so


class Events:
    """The subscribers of one process."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], asyncio.Queue[Event]] = {}
        self._topics: dict[str, list[tuple[str, str]]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def follow(self, live: Live) -> None:
        """Hand events to the subscribers of these plugins from now on; what waits for others is dropped."""
        await self.stop()
        kept, self._queues, self._topics = self._queues, {}, {}
        for plugin, one in live.registry.owned(EventSubscriber):
            key = (plugin.id, one.id)
            queue = self._queues[key] = kept.get(key) or asyncio.Queue(WAITING)
            for topic in one.topics:
                self._topics.setdefault(topic, []).append(key)
            self._tasks.append(asyncio.create_task(_deliver(live, plugin, one, queue)))

    def publish(self, event: Event) -> None:
        """Returns at once; the subscribers run afterwards."""
        for key in self._topics.get(event.topic, ()):
            try:
                self._queues[key].put_nowait(event)
            except asyncio.QueueFull:
                log.error("an event is lost", plugin=key[0], subscriber=key[1], topic=event.topic)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


async def _deliver(live: Live, plugin: Plugin, one: EventSubscriber, queue: asyncio.Queue[Event]) -> None:
    context = live.context(plugin)
    while True:
        event = await queue.get()
        work = one.handle(context, event)
        with contextlib.suppress(Exception):  # noted by `guarded`; the next event is another matter
            await live.health.guarded(plugin.id, f"the subscriber {one.id}", work, one.timeout)
