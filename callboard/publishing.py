"""When packages were published last, by what the pipelines read of registries; for the open directory.

In memory, and loaded anew when the lake changes. A package of which the lake says nothing is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import structlog

from callboard.core.config import Config
from callboard.marketplace.intake.lifecycle import GONE, Known
from callboard.pipelines.lake import Lake, LakeError
from callboard.pipelines.published import PublishedReader
from callboard.pipelines.settings import FOLDER

log = structlog.get_logger(__name__)
LOOK = 10.0  # seconds between two looks at the lake
LOOK_AFAR = 60.0  # the same for lakes that are no folder
PATIENCE = 5.0  # seconds that a start waits for the lake


@dataclass(frozen=True, slots=True)
class _Loaded:
    """One state of the lake: the newest day by ecosystem and name, and what its registry does not have."""

    version: str = ""
    days: Mapping[tuple[str, str], date] = field(default_factory=dict)
    missing: frozenset[tuple[str, str]] = frozenset()


def lake_times(config: Config, data: Path, made_up: Callable[[], bool]) -> LakeTimes | None:
    """The publish times of the lake of this portal; None when the configured lake cannot be opened."""
    url = config.get("pipelines.lake.url") or str(data / FOLDER)
    try:
        return LakeTimes(Lake(url, config.get("pipelines.lake.options")), made_up)
    except LakeError:
        return None  # told by the figures, which need the same lake


class LakeTimes:
    """`PublishTimes` of a lake. Before `follow` or `refresh` have looked, nothing is known.

    While the pipelines play a recording (`made_up`), its days are moved, so nothing is known either: a real
    directory is not judged by sample numbers.
    """

    def __init__(self, lake: Lake, made_up: Callable[[], bool] = lambda: False) -> None:
        self._reader = PublishedReader(lake)
        self._is_local = lake.is_local
        self._made_up = made_up
        self._loaded = _Loaded()

    def newest(self, ecosystem: str, name: str) -> Known:
        if self._made_up():
            return None
        if (ecosystem, name) in self._loaded.missing:
            return GONE
        return self._loaded.days.get((ecosystem, name))

    async def first(self) -> None:
        """Look for the first time, for a few seconds at most; `follow` goes on from there."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.refresh()
        except Exception:  # also one that is slow: a portal starts without its lake
            log.warning("publish times are not known yet", exc_info=True)

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.refresh()
            except Exception:  # a lake that is away for a moment must not take away what is known
                log.exception("publish times could not be read; it is tried again")
            await asyncio.sleep(LOOK if self._is_local else LOOK_AFAR)

    async def refresh(self) -> bool:
        """Load what the lake says if it is something else than before; says whether it was."""
        version = await asyncio.to_thread(self._reader.version)
        if version == self._loaded.version:
            return False
        days, missing = await asyncio.to_thread(self._reader.load)
        self._loaded = _Loaded(version, days, missing)
        return True
