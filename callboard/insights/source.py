"""Where the numbers come from: small questions that the host's pipelines answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

Row = dict[str, Any]  # columns of a mart, whose types its model declares
Dimension = Literal["page", "plugin", "team"]


class Marts(Protocol):
    """Days count from the newest partition of each mart. A mart that was never made has no rows."""

    async def usage(self, days: int = 90) -> list[Row]: ...

    async def usage_by(self, dimension: Dimension, days: int = 30, limit: int = 50) -> list[Row]: ...

    async def searches_without_result(self, days: int = 30, limit: int = 50) -> list[Row]: ...

    async def catalog_growth(self, days: int = 365) -> list[Row]: ...

    async def ownership(self, days: int | None = None) -> list[Row]: ...

    async def adoption(self, listing: str | None = None, days: int | None = None) -> list[Row]: ...

    async def newest(self, mart: str) -> date | None: ...


@dataclass(frozen=True, slots=True)
class InsightSource:
    """`marts` gives None while there are none; `is_sample` says whether the numbers are made up."""

    marts: Callable[[], Marts | None]
    is_sample: Callable[[], bool]
