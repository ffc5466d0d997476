"""Watches local folders in development, so that an edited descriptor shows within a second."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable

import structlog
from watchfiles import Change, awatch

from callboard.catalog.ingest.contract import Connection
from callboard.catalog.ingest.readers import GLOB_KEY

log = structlog.get_logger(__name__)


async def watch(
    folders: Collection[str], connection: Connection, rescan: Callable[[], Awaitable[None]]
) -> None:
    """Refresh what came from a changed file until cancelled; `rescan` looks for new and gone files."""
    if not folders:
        return
    try:
        async for changes in awatch(
            *folders, debounce=100, step=50, recursive=True, ignore_permission_denied=True
        ):
            if any(kind is not Change.modified for kind, _ in changes):
                await rescan()
            await connection.refresh(sorted(_keys(changes)))
    except (OSError, RuntimeError) as error:  # the system's limit of watched files, or a folder that is gone
        log.warning("files are not watched; they are still read at the refresh interval", reason=str(error))


def _keys(changes: Iterable[tuple[Change, str]]) -> set[str]:
    keys = set()
    for kind, path in changes:
        keys.add(f"file:{path}")
        if kind is not Change.modified:
            keys.add(GLOB_KEY)
    return keys
