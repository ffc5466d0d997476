"""Counts what happens in windows of time, in the memory of this process, and refuses what is too much."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.responses import Response
from starlette.types import Scope

from callboard.core.errors import CallboardError
from callboard.core.http import error_answer


class TooManyRequestsError(CallboardError):
    """More requests than the limit admits. Backstage gives it the plain name."""

    name = "Error"
    status = 429


class Windows:
    """At most `limit` within `window` seconds, for each key on its own, from its first hit on."""

    def __init__(self, limit: int, window: float) -> None:
        self._none = limit < 1
        self._item = RateLimitItemPerSecond(max(1, limit), max(1, math.ceil(window)))
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def hit(self, key: str) -> bool:
        """Count one; False when it is one too many."""
        return self._limiter.hit(self._item, key) and not self._none

    def full(self, key: str) -> bool:
        """Whether the next one would be too many."""
        return self._none or not self._limiter.test(self._item, key)

    def seconds_left(self, key: str) -> int:
        """How long until the window of a key ends, at least a second."""
        return max(1, math.ceil(self._limiter.get_window_stats(self._item, key).reset_time - time.time()))


def counted_address(address: str) -> str:
    """The key under which an address is counted: for IPv6 its network of 64 bits, all of which one has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


def refusal(scope: Scope, seconds: int, message: str) -> Response:
    """The answer 429 that says when to come again."""
    answer = error_answer(scope, TooManyRequestsError(message))
    answer.headers["retry-after"] = str(seconds)
    return answer
