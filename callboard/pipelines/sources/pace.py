"""How often a host is asked: so many requests a second, and not while it wants to be left alone."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Pace:
    """One for all sources, so that two of them do not ask one host twice as often."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next: dict[str, float] = defaultdict(float)

    async def turn(self, host: str) -> None:
        """Wait for the host's next turn; those who wait go one after another."""
        now = time.monotonic()
        at = max(now, self._next[host])
        self._next[host] = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)

    def leave(self, host: str, seconds: float) -> None:
        """Ask this host nothing for so long."""
        self._next[host] = max(self._next[host], time.monotonic() + seconds)


def wait_of(retry_after: str, now: datetime | None = None) -> float | None:
    """The seconds that `Retry-After` says, as a number or as a date; None when it says nothing sensible."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
