"""Follows the change feed: what every reader of it has in common.

A reader begins with everything there is, then applies change after change, and begins anew when it has lost
its place. Changes made while it reads everything are in the feed after the position that it noted first.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Sequence

import structlog

from callboard.core.feed import Change, Feed

log = structlog.get_logger(__name__)
POLL = 0.5  # seconds, beneath the waking by this process and by other nodes


class Following(ABC):
    """`ready` once everything was read; `position` is the last change that shows."""

    def __init__(self, feed: Feed, name: str, batch: int) -> None:
        self._feed = feed
        self._name = name
        self._batch = batch
        self._woken = feed.subscribe()
        self._advanced = asyncio.Condition()
        self.position = 0
        self.ready = False

    @abstractmethod
    async def read_all(self) -> None:
        """Read everything there is."""

    @abstractmethod
    async def apply(self, changes: Sequence[Change]) -> None:
        """Read again what changed; what is absent then was deleted, here or by a later change."""

    async def rebuild(self) -> None:
        """Begin anew."""
        position = await self._feed.newest()
        await self.read_all()
        self.ready = True
        await self._reach(position)

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._woken.clear()
            try:
                if not self.ready:
                    await self.rebuild()
                await self.catch_up()
            except Exception:  # neither a database that is away nor a full disk may end the following
                log.exception("the change feed could not be followed; it is tried again", reader=self._name)
                await asyncio.sleep(1)
                continue
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._woken.wait()

    async def catch_up(self) -> None:
        """Apply every change that is committed by now."""
        while changes := await self._feed.after(self.position, self._batch):
            if changes[0].seq > self.position + 1:
                await self._lost()
                continue
            await self.apply(changes)
            await self._reach(changes[-1].seq)
        if self.position != await self._feed.newest() and not await self._feed.after(self.position, 1):
            # Pruned to the last row, or a database brought back from a backup that is older than the reader.
            await self._lost()

    async def _lost(self) -> None:
        log.warning("the change feed leads on no more; rebuilding", reader=self._name, position=self.position)
        await self.rebuild()

    async def reached(self, position: int, limit: float | None = 10.0) -> None:
        """Wait until everything up to the change `position` shows, `limit` seconds at most."""
        self._woken.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit), self._advanced:
                await self._advanced.wait_for(lambda: self.ready and self.position >= position)

    async def _reach(self, position: int) -> None:
        self.position = position
        async with self._advanced:
            self._advanced.notify_all()
