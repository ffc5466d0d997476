"""The figures of the Marketplace, from the marts of the pipelines: in memory, loaded when marts change."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import structlog

from callboard.core.config import Config
from callboard.marketplace.figures import HealthPart, ListingFigures, Ranking
from callboard.pipelines.lake import Lake, LakeError
from callboard.pipelines.marts import Asked, MartReader, Row
from callboard.pipelines.settings import FOLDER

log = structlog.get_logger(__name__)
RANKINGS: tuple[Ranking, ...] = get_args(Ranking)
WEEKS = 52
MOST = 10_000_000  # rows
LOOK = 10.0  # seconds between two looks at the manifests
LOOK_AFAR = 60.0  # the same for lakes that are no folder
_ASKED = (
    Asked("rankings"),
    Asked("health"),
    Asked("health_parts"),
    Asked("adoption"),
    Asked("listing_downloads_weekly", 7 * WEEKS),
)
_FACTS = ("staged", "listing_facts")
"""What the scores were worked out from. It changes with them."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """One state of the marts."""

    version: str = "none"
    listings: Mapping[str, ListingFigures] = field(default_factory=dict)
    rankings: Mapping[Ranking, tuple[str, ...]] = field(default_factory=dict)


def mart_figures(config: Config, data: Path, made_up: Callable[[], bool]) -> MartFigures | None:
    """The figures of the lake of this portal; None when the configured lake cannot be opened.

    `made_up` says whether the pipelines work on sample numbers.
    """
    url = config.get("pipelines.lake.url") or str(data / FOLDER)
    try:
        return MartFigures(Lake(url, config.get("pipelines.lake.options")), made_up)
    except LakeError as error:
        log.error("the Marketplace shows no figures", reason=str(error))
        return None


class MartFigures:
    """`Figures` of a lake. Before `follow` or `refresh` have looked, nothing is known."""

    def __init__(self, lake: Lake, made_up: Callable[[], bool] = lambda: False) -> None:
        self._lake = lake
        self._made_up = made_up
        self._reader = MartReader(lake)
        self._loaded = _Loaded()

    @property
    def is_sample(self) -> bool:
        return self._made_up()

    @property
    def version(self) -> str:
        return self._loaded.version

    def of(self, ref: str) -> ListingFigures | None:
        return self._loaded.listings.get(ref.lower())

    def ranking(self, name: Ranking) -> Sequence[str]:
        return self._loaded.rankings.get(name, ())

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.refresh()
            except Exception:  # a lake that is away for a moment must not take the numbers away
                log.exception("the marts could not be read; it is tried again")
            await asyncio.sleep(LOOK if self._lake.is_local else LOOK_AFAR)

    async def refresh(self) -> bool:
        """Load the marts if they are others than before; says whether they were."""
        version = await asyncio.to_thread(self._version)
        if version == self._loaded.version:
            return False
        rows = {one.mart: await self._reader.rows(one.mart, one.days, MOST) for one in _ASKED}
        self._loaded = await asyncio.to_thread(lambda: _load(version, rows, self._released()))
        return True

    def _released(self) -> dict[str, date]:
        """The day of the last release of each listing, where it is known."""
        newest = self._lake.newest(*_FACTS)
        table = None if newest is None else self._lake.read(*_FACTS, newest.day, newest.day)
        if table is None:
            return {}
        rows = table.select(["listing", "day", "days_since_release"]).to_pylist()
        return {
            row["listing"].lower(): row["day"] - timedelta(days=row["days_since_release"])
            for row in rows
            if row["days_since_release"] is not None
        }

    def _version(self) -> str:
        hashes = [part.hash for one in _ASKED for part in self._reader.partitions(one)]
        return hashlib.sha256(" ".join(hashes).encode()).hexdigest()[:16] if hashes else "none"


def _load(version: str, rows: Mapping[str, list[Row]], released: Mapping[str, date]) -> _Loaded:
    weeks: dict[str, list[tuple[date, int]]] = {}
    for row in sorted(rows["listing_downloads_weekly"], key=lambda one: one["week"]):
        weeks.setdefault(row["listing"].lower(), []).append((row["week"], row["downloads"]))
    parts: dict[str, list[HealthPart]] = {}
    for row in sorted(rows["health_parts"], key=lambda one: (-one["most"], one["part"])):
        part = HealthPart(row["part"], row["title"], row["points"], row["most"], row["reason"])
        parts.setdefault(row["listing"].lower(), []).append(part)
    installs: dict[str, int] = {}
    for row in rows["adoption"]:
        if row["listing"]:
            ref = row["listing"].lower()
            installs[ref] = installs.get(ref, 0) + row["installs"]
    scores = {row["listing"].lower(): row["score"] for row in rows["health"]}
    ranked: dict[str, Any] = {row["listing"].lower(): row for row in rows["rankings"]}
    known = {*weeks, *parts, *installs, *scores, *ranked, *released}
    listings = {}
    for ref in known:
        row = ranked.get(ref, {})
        listings[ref] = ListingFigures(
            downloads_30d=row.get("downloads_30d"),
            weeks=tuple(weeks.get(ref, ())),
            growth=row.get("growth"),
            health=scores.get(ref),
            health_parts=tuple(parts.get(ref, ())),
            installs=installs.get(ref),
            ranks=tuple((name, row[name]) for name in RANKINGS if row.get(name) is not None),
            last_release=released.get(ref),
        )
    rankings = {
        name: tuple(sorted((ref for ref in ranked if ranked[ref][name]), key=lambda ref: ranked[ref][name]))
        for name in RANKINGS
    }
    return _Loaded(version, listings, rankings)
