"""When the newest version of each package was published, and which packages their registry does not have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson

from callboard.pipelines.beside import get
from callboard.pipelines.lake import Lake, Partition
from callboard.pipelines.marts import MEMORY, quoted

DAYS = 30
"""What no registry was asked about for so long, counting from the newest answer, is not known any more."""
SOURCES = ("npm",)
"""Those that remember what their registry does not have."""
MISSING = "missing"
"""Of a source's state: the packages that its registry said it does not have, with the day of that answer."""

Key = tuple[str, str]
"""Ecosystem and name of a package."""


def missing_now(
    before: Mapping[str, Any], absent: Mapping[str, date], there: set[str], asked: set[str]
) -> dict[str, str]:
    """What a source remembers as missing after a collection. Pure.

    `absent` its registry does not have, `there` it has; of others of `asked` it said nothing this time, so
    what was known stays. What nobody asks about is forgotten.
    """
    kept = {name: str(day) for name, day in before.items() if name in asked and name not in there}
    return kept | {name: day.isoformat() for name, day in absent.items()}


class PublishedReader:
    """Reads the staged versions and the state of the sources. Everything here waits for the disk."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def version(self) -> str:
        """Changes whenever `load` may answer something else."""
        told = [one.hash for one in self._partitions()]
        told += [hashlib.sha256(self._state(source)).hexdigest() for source in SOURCES]
        return hashlib.sha256(" ".join(told).encode()).hexdigest()[:16]

    def load(self) -> tuple[dict[Key, date], frozenset[Key]]:
        """The day of the newest version of each package, and the packages that are missing.

        Whether the newest version is deprecated makes no difference, and neither does a later change of the
        package itself: only publishing counts.
        """
        days: dict[Key, date] = {}
        seen: dict[Key, date] = {}
        for ecosystem, package, newest, day in self._rows():
            seen[ecosystem, package] = day
            if newest is not None:
                days[ecosystem, package] = newest
        missing = set()
        for source in SOURCES:
            for name, since in _missing(self._state(source)).items():
                # A package that came back is in a later answer than the one that did not have it.
                if seen.get((source, name), date.min) <= since:
                    missing.add((source, name))
        return {key: day for key, day in days.items() if key not in missing}, frozenset(missing)

    def _partitions(self) -> list[Partition]:
        newest = self._lake.newest("staged", "package_versions")
        if newest is None:
            return []
        since = newest.day - timedelta(days=DAYS - 1)
        return self._lake.partitions("staged", "package_versions", since, newest.day)

    def _rows(self) -> list[tuple[str, str, date | None, date]]:
        """Ecosystem, package, day of its newest version, and the day of the answer that says so."""
        files = ", ".join(quoted(path) for one in self._partitions() for path in self._lake.paths(one))
        if not files:
            return []
        import duckdb  # takes a moment, and many processes never ask

        by_day = (
            "SELECT ecosystem, package, day, max(published_on) AS newest "  # noqa: S608 - quoted paths of the lake
            f"FROM read_parquet([{files}], hive_partitioning=false) GROUP BY ALL"
        )
        last = f"SELECT * FROM ({by_day}) QUALIFY row_number() OVER (PARTITION BY ecosystem, package ORDER BY day DESC) = 1"  # noqa: E501,S608
        with duckdb.connect(config={"memory_limit": MEMORY, "threads": 1}) as connection:
            if not self._lake.is_local:
                connection.register_filesystem(self._lake.fs)
            return connection.execute(
                f"SELECT ecosystem, package, newest, day FROM ({last})"  # noqa: S608 - as above
            ).fetchall()

    def _state(self, source: str) -> bytes:
        return get(self._lake, f"{self._lake.root}/_state/{source}.json") or b""


def _missing(content: bytes) -> dict[str, date]:
    """Of a state file; one that cannot be read says nothing."""
    try:
        value = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        return {}
    found = {}
    told = value.get(MISSING) if isinstance(value, dict) else None
    for name, day in told.items() if isinstance(told, dict) else ():
        try:
            found[name] = date.fromisoformat(day)
        except (TypeError, ValueError):
            continue
    return found
