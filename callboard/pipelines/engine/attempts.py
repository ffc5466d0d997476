"""Tries again what storage refused for a moment, and says in a line what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
ATTEMPTS = 3
PAUSE = 0.5  # seconds before the second attempt; doubled for each further one


def with_retries(work: Callable[[], Result]) -> Result:
    """Storage that is away for a moment gets further attempts; what is wrong stays wrong."""
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except OSError:
            time.sleep(PAUSE * 2 ** (attempt - 1))
    return work()


def said(error: Exception) -> str:
    """The first line of what an error says, with its kind."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{type(error).__name__}: {first}"[:500]
