"""Rankings and growth are what the reference says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from callboard.pipelines.engine import DuckDB, execute
from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS
from tests.pipelines.made import TODAY, Row, put

NEEDED = {"listings", "listing_packages", "downloads_daily", "health", "health_parts", "listing_facts",
          "packages", "repositories", "vulnerabilities", "rankings"}  # fmt: skip


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckDB]:
    backend = DuckDB("256MB", 1)
    yield backend
    backend.close()


def ranked(folder: Path, backend: DuckDB, weeks: dict[str, list[int]], **added: date) -> dict[str, Row]:
    """The rankings of listings whose eight weeks had these downloads, the newest week first."""
    lake = Lake(folder)
    for back in range(58):
        rows = [
            {"ecosystem": "npm", "package": name, "downloads": counts[back // 7] if back % 7 == 0 else 0}
            for name, counts in weeks.items()
            if back // 7 < len(counts)
        ]
        put(lake, "downloads", TODAY - timedelta(days=back), rows)
    shelf = [
        {
            "listing": name,
            "title": name,
            "lifecycle": "production",
            "added": added.get(name, date(2020, 1, 1)),
            "readme_bytes": 0,
            "documented": False,
            "ecosystem": "npm",
            "package": name,
        }
        for name in weeks
    ]
    put(lake, "listings", TODAY, shelf)
    models = [one for one in MODELS if one.name in NEEDED]
    assert execute(lake, backend, models, today=TODAY).problems == ()
    table = lake.read("marts", "rankings", TODAY, TODAY)
    assert table is not None
    return {row["listing"]: row for row in table.to_pylist()}


def test_growth_is_that_of_the_reference(tmp_path: Path, duckdb: DuckDB) -> None:
    rows = ranked(tmp_path, duckdb, {"a": [100, 120, 90, 900, 80, 90, 100, 85]})
    assert rows["a"]["growth"] == 0.2093
    assert rows["a"]["trending"] == 1


def test_one_loud_week_is_no_trend_and_few_downloads_say_nothing(tmp_path: Path, duckdb: DuckDB) -> None:
    rows = ranked(tmp_path, duckdb, {"loud": [90_000, *[100] * 7], "few": [9, 9, 9, 9, 3, 3, 3, 3]})
    assert rows["loud"]["growth"] == 0.0
    assert rows["loud"]["trending"] is None
    assert rows["few"]["growth"] is None


def test_places_gained_make_a_listing_rise(tmp_path: Path, duckdb: DuckDB) -> None:
    rows = ranked(
        tmp_path, duckdb, {"up": [500] * 4 + [50] * 4, "down": [60] * 4 + [600] * 4, "same": [9] * 8}
    )
    assert [rows[name]["popular"] for name in ("up", "down", "same")] == [1, 2, 3]
    assert {name: row["rising"] for name, row in rows.items()} == {"up": 1, "down": None, "same": None}


def test_new_listings_are_those_of_ninety_days(tmp_path: Path, duckdb: DuckDB) -> None:
    young, old = TODAY - timedelta(days=89), TODAY - timedelta(days=90)
    rows = ranked(tmp_path, duckdb, {"a": [1], "b": [1], "c": [1]}, a=young, b=TODAY, c=old)
    assert {name: row["new"] for name, row in rows.items()} == {"a": 2, "b": 1, "c": None}


def test_equal_listings_stand_in_the_order_of_their_names(tmp_path: Path, duckdb: DuckDB) -> None:
    rows = ranked(tmp_path, duckdb, {"b": [5], "a": [5]})
    assert (rows["a"]["popular"], rows["b"]["popular"]) == (1, 2)
