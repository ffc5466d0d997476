"""The numbers beside a listing: downloads, ranks and health. They are measured elsewhere, by the pipelines.

Not a place for computations: who offers `Figures` to the plugin `marketplace` has done them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

Ranking = Literal["popular", "trending", "rising", "new", "healthiest"]


@dataclass(frozen=True, slots=True)
class HealthPart:
    """One part of a health score: `points` of at most `most`, and the measured reason in words."""

    name: str
    title: str
    points: float
    most: float
    reason: str


@dataclass(frozen=True, slots=True)
class ListingFigures:
    """`weeks` are sums of full weeks, oldest first, by their Monday. `growth` of 0.1 is ten percent more."""

    downloads_30d: int | None = None
    weeks: tuple[tuple[date, int], ...] = ()
    growth: float | None = None
    health: int | None = None
    """0 to 100."""
    health_parts: tuple[HealthPart, ...] = ()
    installs: int | None = None
    ranks: tuple[tuple[Ranking, int], ...] = ()
    """First is 1; a ranking that does not hold the listing is absent."""
    last_release: date | None = None
    """The day of the last release that registries and repositories tell, which descriptors often do not."""


class Figures(Protocol):
    """`version` changes whenever any number did. References are in lower case."""

    @property
    def version(self) -> str: ...

    @property
    def is_sample(self) -> bool:
        """Whether the numbers are made up, for demonstration; pages say so."""

    def of(self, ref: str) -> ListingFigures | None:
        """The numbers of a listing; None when none are known."""

    def ranking(self, name: Ranking) -> Sequence[str]:
        """References of listings, the first first."""


class NoFigures:
    """Nothing was measured yet."""

    version = "none"
    is_sample = False

    def of(self, ref: str) -> ListingFigures | None:
        return None

    def ranking(self, name: Ranking) -> Sequence[str]:
        return ()
