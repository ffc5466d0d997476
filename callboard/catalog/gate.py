"""Holds reads back until the index is whole: half a catalog is a wrong answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from callboard.core.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from callboard.catalog.service import Catalog

START_SECONDS = 5.0  # how long a read waits for the index before it is refused


def gate(catalog: Catalog) -> Callable[[], Awaitable[None]]:
    """Returns once the catalog is whole; raises ServiceUnavailableError when that takes too long."""

    async def wait_ready() -> None:
        if catalog.ready:
            return
        for _ in range(int(START_SECONDS / 0.05)):
            await asyncio.sleep(0.05)
            if catalog.ready:
                return
        raise ServiceUnavailableError("Service has not started up yet")

    return wait_ready
