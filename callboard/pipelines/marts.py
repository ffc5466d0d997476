"""Small questions to the marts, answered by DuckDB off the event loop and kept until the marts change."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from callboard.pipelines.lake import Lake, Partition

Row = dict[str, Any]  # columns of the mart, whose types its model declares
Dimension = Literal["page", "plugin", "team"]
RankingName = Literal["popular", "trending", "rising", "new", "healthiest"]
MARTS = (
    "downloads_daily",
    "downloads_weekly",
    "listing_downloads_weekly",
    "rankings",
    "health",
    "health_parts",
    "adoption",
    "usage_daily",
    "usage_by",
    "searches_without_result",
    "catalog_growth",
    "ownership_coverage",
)
_KEPT = 256  # answers
MEMORY = "512MB"


@dataclass(frozen=True, slots=True)
class Asked:
    """A mart, and how much of it a question is about: the last `days` (None: its newest partition)."""

    mart: str
    days: int | None = None


class MartReader:
    """Reads the marts of a lake. Days count from a mart's newest partition, so that old data shows, too."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._answers: OrderedDict[Any, list[Row]] = OrderedDict()
        self._lock = threading.Lock()
        self._connection: Any = None  # DuckDB's types are incomplete

    async def rows(self, mart: str, days: int | None = None, limit: int = 100_000) -> list[Row]:
        """The rows of a mart in the order of its columns: for tables, CSV and charts."""
        sql = f"SELECT * FROM {_named(mart)} ORDER BY ALL LIMIT {limit:d}"  # noqa: S608 - a known name
        return await self.ask(sql, Asked(mart, days))

    async def newest(self, mart: str) -> date | None:
        """The day of the newest partition."""
        found = await asyncio.to_thread(self._lake.newest, "marts", _named(mart))
        return found.day if found else None

    async def weeks(self, listing: str, weeks: int = 52) -> tuple[tuple[date, int], ...]:
        """Downloads of a listing by week, oldest first; weeks without any are absent."""
        found = await self.ask(
            "SELECT week, downloads FROM listing_downloads_weekly WHERE listing = $listing ORDER BY week",
            Asked("listing_downloads_weekly", 7 * weeks),
            listing=listing,
        )
        return tuple((row["week"], row["downloads"]) for row in found)

    async def ranking(self, name: RankingName, limit: int = 100) -> list[Row]:
        """The listings of a ranking of the newest day, the first first, with their other numbers."""
        column = _named(name)
        where = f"{column} IS NOT NULL ORDER BY {column} LIMIT {limit:d}"
        return await self.ask(f"SELECT * FROM rankings WHERE {where}", Asked("rankings"))  # noqa: S608 - as above

    async def health(self, listing: str) -> tuple[Row | None, list[Row]]:
        """The score of a listing on the newest day (None is not known) and its parts."""
        score = await self.ask(
            "SELECT * FROM health WHERE listing = $listing", Asked("health"), listing=listing
        )
        parts = await self.ask(
            "SELECT * FROM health_parts WHERE listing = $listing ORDER BY most DESC, part",
            Asked("health_parts"),
            listing=listing,
        )
        return (score[0] if score else None), parts

    async def adoption(self, listing: str | None = None, days: int | None = None) -> list[Row]:
        """Installations by day, plugin and version, of one listing or of all."""
        return await self.ask(
            "SELECT day, plugin, version, listing, installs FROM adoption "
            "WHERE $listing IS NULL OR listing = $listing ORDER BY ALL",
            Asked("adoption", days),
            listing=listing,
        )

    async def usage(self, days: int = 90) -> list[Row]:
        """Users and events by day, oldest first."""
        return await self.rows("usage_daily", days)

    async def usage_by(self, dimension: Dimension, days: int = 30, limit: int = 50) -> list[Row]:
        """Events, and the most users of a day, of each page, plugin or team; the most used first.

        Visitors are not told apart over days, so users of several days cannot be added up.
        """
        return await self.ask(
            "SELECT key, max(users) AS most_users, sum(events)::BIGINT AS events FROM usage_by "
            "WHERE dimension = $dimension GROUP BY key ORDER BY events DESC, key LIMIT $limit",
            Asked("usage_by", days),
            dimension=dimension,
            limit=limit,
        )

    async def searches_without_result(self, days: int = 30, limit: int = 50) -> list[Row]:
        """Terms that nothing was found for, the most frequent first."""
        return await self.ask(
            "SELECT term, sum(searches)::BIGINT AS searches FROM searches_without_result "
            "GROUP BY term ORDER BY searches DESC, term LIMIT $limit",
            Asked("searches_without_result", days),
            limit=limit,
        )

    async def catalog_growth(self, days: int = 365) -> list[Row]:
        """Entities by day and kind."""
        return await self.rows("catalog_growth", days)

    async def ownership(self, days: int | None = None) -> list[Row]:
        """Owned entities and all entities by day and kind."""
        return await self.rows("ownership_coverage", days)

    async def ask(self, sql: str, *marts: Asked, **values: Any) -> list[Row]:  # values of DuckDB
        """The rows that a SELECT over these marts gives; `$name` stands for values. No mart: no rows."""
        return await asyncio.to_thread(self._ask, sql, marts, values)

    def partitions(self, asked: Asked) -> list[Partition]:
        """The partitions that a question reads. Blocks."""
        newest = self._lake.newest("marts", _named(asked.mart))
        if newest is None:
            return []
        if asked.days is None:
            return [newest]
        return self._lake.partitions(
            "marts", asked.mart, newest.day - timedelta(days=asked.days - 1), newest.day
        )

    def _ask(self, sql: str, marts: Sequence[Asked], values: Mapping[str, Any]) -> list[Row]:
        found = {one.mart: self.partitions(one) for one in marts}
        if not all(found.values()):
            return []
        version = tuple(part.hash for parts in found.values() for part in parts)
        key = (sql, version, tuple(sorted(values.items())))
        with self._lock:  # one connection, and one question at a time
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            answer = self._answer(sql, found, values)
            self._answers[key] = answer
            if len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
            return answer

    def _answer(
        self, sql: str, marts: Mapping[str, Sequence[Partition]], values: Mapping[str, Any]
    ) -> list[Row]:
        views = []
        for mart, partitions in marts.items():
            files = ", ".join(quoted(path) for one in partitions for path in self._lake.paths(one))
            source = f"read_parquet([{files}], hive_partitioning=false)"
            views.append(f"{mart} AS (SELECT * FROM {source})")  # noqa: S608 - quoted paths of the lake
        cursor = self._open().execute(f"WITH {', '.join(views)} {sql}", values or None)
        names = [one[0] for one in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _open(self) -> Any:  # as above
        if self._connection is None:
            import duckdb  # takes a moment, and many processes never ask

            self._connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": 1})
            if not self._lake.is_local:
                self._connection.register_filesystem(self._lake.fs)
        return self._connection


def _named(mart: str) -> str:
    """A name that may stand in a statement."""
    if mart not in MARTS and mart not in ("popular", "trending", "rising", "new", "healthiest"):
        raise ValueError(f"there is no mart {mart}")
    return mart


def quoted(path: str) -> str:
    """A path as SQL writes it."""
    escaped = path.replace("'", "''")
    return f"'{escaped}'"
