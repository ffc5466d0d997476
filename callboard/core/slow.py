"""What was slow lately on this node: requests and SQL statements, kept in memory for the operations page."""

from __future__ import annotations

import re
import time
from collections import deque
from typing import NamedTuple

KEPT = 50
SLOW_REQUEST = 0.2
"""Seconds until the answer began; what streams for long is not slow."""
SLOW_STATEMENT = 0.1
MAX_TEXT = 1000

_LIST = re.compile(r"\((?P<first>[^(),]+)(?:, [^(),]+){3,}\)")


class Slow(NamedTuple):
    """`kind` is `request` or `sql`; `text` is method and path, or a statement without its values."""

    kind: str
    text: str
    seconds: float
    at: float


class SlowLog:
    """The newest slow things; the oldest makes room. Noting one is a single append, so threads may too."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept: deque[Slow] = deque(maxlen=kept)

    def note(self, kind: str, text: str, seconds: float) -> None:
        self._kept.append(Slow(kind, text, seconds, time.time()))

    def statement(self, text: str, seconds: float) -> None:
        """An SQL statement; its long lists of parameters are shortened to their first."""
        # Cut first: a statement with a thousand lists must not make noting it slow as well.
        short = _LIST.sub(r"(\g<first>, …)", " ".join(text[: 8 * MAX_TEXT].split()))
        self.note("sql", short[:MAX_TEXT], seconds)

    def slowest(self, limit: int = KEPT) -> list[Slow]:
        """Slowest first."""
        return sorted(self._kept, key=lambda one: -one.seconds)[:limit]

    def clear(self) -> None:
        self._kept.clear()


SLOW = SlowLog()
"""That of this process."""
