"""How each plugin fares: what of it failed or was slow. Failing takes nothing else down; it is shown."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import structlog

from callboard.core.errors import CallboardError, ServiceUnavailableError

T = TypeVar("T")
log = structlog.get_logger(__name__)

RECENT = 300.0  # seconds for which a failure counts against a plugin
REMEMBERED = 20
MAX_MESSAGE = 500

State = Literal["healthy", "unhealthy"]


@dataclass(frozen=True, slots=True)
class Incident:
    """`at` is in seconds since 1970; `where` names the contribution."""

    at: float
    where: str
    message: str


@dataclass(slots=True)
class PluginHealth:
    """`failures` counts since the start; `incidents` are the newest ones."""

    failures: int = 0
    slow: int = 0
    incidents: deque[Incident] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def state(self, now: float) -> State:
        """Unhealthy while something failed lately."""
        return "unhealthy" if self.incidents and now - self.incidents[-1].at < RECENT else "healthy"


class Health:
    """The health of every plugin of this process."""

    def __init__(self) -> None:
        self._of: dict[str, PluginHealth] = {}

    def of(self, plugin: str) -> PluginHealth:
        return self._of.setdefault(plugin, PluginHealth())

    def state(self, plugin: str) -> State:
        return self.of(plugin).state(time.time())

    def forget(self, plugin: str) -> None:
        """A plugin that was installed or configured anew begins without a past."""
        self._of.pop(plugin, None)

    def failed(self, plugin: str, where: str, error: BaseException) -> None:
        """Note that something raised; call it while the exception is handled."""
        known = self.of(plugin)
        known.failures += 1
        message = f"{type(error).__name__}: {error}"[:MAX_MESSAGE]
        known.incidents.append(Incident(time.time(), where, message))
        log.warning("a plugin failed", plugin=plugin, where=where, exc_info=error)

    def too_slow(self, plugin: str, where: str, seconds: float) -> None:
        known = self.of(plugin)
        known.slow += 1
        message = f"did not finish within {seconds:g} s"
        known.incidents.append(Incident(time.time(), where, message))
        log.warning("a plugin is slow", plugin=plugin, where=where, seconds=seconds)

    async def guarded(self, plugin: str, where: str, work: Awaitable[T], seconds: float) -> T:
        """Await the work of a plugin, `seconds` at most. What it raises is noted and raised again.

        CallboardError says something about the input and is no failure of the plugin. Work that blocks the
        event loop cannot be ended; it is noted all the same.
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(seconds) as limit:
                result = await work
        except CallboardError:
            raise
        except TimeoutError as error:
            if not limit.expired():
                self.failed(plugin, where, error)
                raise
            self.too_slow(plugin, where, seconds)
            raise ServiceUnavailableError(f"{where} of the plugin {plugin} did not answer in time") from None
        except Exception as error:
            self.failed(plugin, where, error)
            raise
        if time.monotonic() - started > seconds:
            self.too_slow(plugin, where, seconds)
        return result
