"""The figures of the Marketplace and small questions, from marts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from callboard.figures import MartFigures
from callboard.pipelines.engine import DuckDB, execute
from callboard.pipelines.lake import Lake
from callboard.pipelines.marts import Asked, MartReader
from callboard.pipelines.models import MODELS
from tests.pipelines.made import TODAY, fill

COST = "plugin:default/cost"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    fill(lake, days=60, snapshots=1)
    backend = DuckDB("256MB", 1)
    assert execute(lake, backend, MODELS, today=TODAY).problems == ()
    backend.close()
    return lake


async def test_figures_of_a_listing_are_those_of_the_marts(lake: Lake) -> None:
    figures = MartFigures(lake)
    assert (figures.version, figures.of(COST), list(figures.ranking("popular"))) == ("none", None, [])
    assert await figures.refresh()
    found = figures.of("Plugin:default/Cost")
    assert found is not None
    assert found.health == 72
    assert found.health_parts[0].name == "release_cadence"
    assert found.installs == 4
    days = int(found.health_parts[0].reason.split(" days ago")[0].rpartition(" ")[2])
    assert found.last_release == TODAY - timedelta(days=days)
    assert dict(found.ranks)["healthiest"] == 1
    weeks = [week for week, _ in found.weeks]
    assert len(weeks) == 8
    assert weeks == sorted(weeks)
    assert weeks[-1] == TODAY - timedelta(days=8)  # the Monday of the last whole week
    assert figures.ranking("healthiest")[0] == COST
    assert figures.of("plugin:default/nobody") is None


async def test_figures_are_loaded_only_when_marts_changed(lake: Lake) -> None:
    figures = MartFigures(lake)
    assert await figures.refresh()
    version = figures.version
    assert not await figures.refresh()
    table = lake.read("marts", "health", TODAY, TODAY)
    assert table is not None
    before = lake.write("marts", "health", TODAY, table.slice(0, 1), keys=["listing"])
    try:
        assert await figures.refresh()
        assert figures.version != version
    finally:
        lake.write("marts", "health", TODAY, table, keys=["listing"])
    assert before.rows == 1


async def test_a_lake_without_marts_gives_no_figures(tmp_path: Path) -> None:
    figures = MartFigures(Lake(tmp_path))
    assert not await figures.refresh()
    assert figures.version == "none"
    assert await MartReader(Lake(tmp_path)).usage() == []


async def test_small_questions_are_answered(lake: Lake) -> None:
    reader = MartReader(lake)
    assert [row["day"] for row in await reader.usage(3)] == [TODAY - timedelta(days=n) for n in (2, 1, 0)]
    ranking = await reader.ranking("popular", 1)
    assert [row["popular"] for row in ranking] == [1]
    score, parts = await reader.health(COST)
    assert score is not None
    assert (score["score"], len(parts)) == (72, 7)
    assert {row["key"] for row in await reader.usage_by("plugin")} == {"catalog", "search"}
    assert {row["term"] for row in await reader.searches_without_result(60)} == {"kafka", "costs"}
    assert sum(row["installs"] for row in await reader.adoption(COST)) == 4
    assert len(await reader.weeks(COST)) == 8
    assert await reader.newest("health") == TODAY
    assert len(await reader.rows("catalog_growth")) == 2


async def test_values_of_a_question_are_no_part_of_the_statement(lake: Lake) -> None:
    reader = MartReader(lake)
    assert await reader.weeks("' OR 1 = 1 --") == ()
    with pytest.raises(ValueError, match="no mart"):
        await reader.rows("health; DROP TABLE x")
    with pytest.raises(ValueError, match="no mart"):
        await reader.ask("SELECT 1", Asked("raw"))
