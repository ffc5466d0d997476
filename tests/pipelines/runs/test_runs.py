"""Runs: written down on both databases, one at a time, and going on after whoever died."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from callboard.core.database import Database
from callboard.core.errors import ConflictError, NotFoundError
from callboard.pipelines.engine import DuckDB, StepReport
from callboard.pipelines.engine.backends import place_of
from callboard.pipelines.lake import Lake
from callboard.pipelines.runs import Run, RunRequest, RunStore
from callboard.pipelines.runs.holder import is_dead, this_process
from callboard.pipelines.runs.runner import run_pipelines
from tests.pipelines.made import PACKAGES, TODAY, downloads, fill, put

REQUEST = RunRequest(today=TODAY)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[RunStore]:
    database = Database(database_url)
    store = RunStore(database)
    await store.migrate()
    yield store
    await database.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    fill(made, days=8, snapshots=1)
    return made


def begun(lake: Lake, holder: str, ident: str = "a") -> Run:
    return Run(ident, lake.url, "run", "duckdb", None, None, holder, "running", time.time())


async def test_a_run_and_its_steps_are_written_down(store: RunStore, lake: Lake) -> None:
    run = await run_pipelines(store, lake, request=REQUEST)
    assert run.status == "finished"
    assert run.problems == 0
    assert run.finished_at is not None
    steps = await store.steps(run.id)
    assert run.made == sum(one.partitions for one in steps) > 40
    assert [one.number for one in steps] == list(range(1, len(steps) + 1))
    assert {one.dataset for one in steps} >= {"downloads_daily", "rankings", "health", "usage_by"}
    again = await run_pipelines(store, lake, request=REQUEST)
    assert (again.status, again.made, await store.steps(again.id)) == ("finished", 0, [])
    assert [one.id for one in await store.runs()] == [again.id, run.id]


async def test_steps_that_are_said_again_are_counted_once(store: RunStore, lake: Lake) -> None:
    await store.begin(run := begun(lake, "elsewhere/1"), lease=60)
    reports = [
        StepReport("marts", "one", "made", TODAY, TODAY, 2, 5, 0.0, 1.0),
        StepReport("marts", "two", "failed", TODAY, TODAY, 0, 5, 0.0, 1.0),
        StepReport("marts", "three", "made", TODAY, TODAY, 3, 5, 0.0, 1.0),
    ]
    await store.add(run, 1, reports[:2])
    await store.add(run, 1, reports)
    assert [(one.number, one.dataset) for one in await store.steps("a")] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]
    counted = await store.run("a")
    assert (counted.made, counted.rows, counted.problems) == (5, 15, 1)


async def test_problems_of_the_newest_run_are_found_by_dataset(store: RunStore, lake: Lake) -> None:
    put(lake, "downloads", TODAY, downloads(TODAY, {PACKAGES[0]: -5}))
    run = await run_pipelines(store, lake, request=REQUEST)
    assert run.status == "finished"
    assert run.problems > 0
    found = await store.problems(lake.url)
    assert found["marts", "downloads_daily"][0].error == "`downloads` is negative: -5"


async def test_only_one_run_at_a_time_has_a_lake(store: RunStore, lake: Lake) -> None:
    await store.begin(begun(lake, "elsewhere/1"), lease=60)
    with pytest.raises(ConflictError, match="a of this lake is under way"):
        await run_pipelines(store, lake, request=REQUEST)


def _temporary(folder: Path) -> list[str]:
    return [one.name for one in folder.glob("callboard-engine-*")]


async def test_what_a_killed_run_left_in_the_temporary_folder_goes_with_the_next_of_its_lake(
    store: RunStore, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed = DuckDB("256MB", 1, place=place_of(lake))
    other = DuckDB("256MB", 1, place=place_of(Lake(tmp_path / "other")))
    assert len(_temporary(tmp_path)) == 2
    assert (await run_pipelines(store, lake, request=REQUEST)).status == "finished"
    (left,) = _temporary(tmp_path)
    assert place_of(lake) not in left
    other.close()
    killed.close()


async def test_other_lakes_run_meanwhile(store: RunStore, lake: Lake, tmp_path: Path) -> None:
    await store.begin(begun(lake, "elsewhere/1"), lease=60)
    other = await run_pipelines(store, Lake(tmp_path / "other"), request=REQUEST)
    assert other.status == "finished"


async def test_a_run_whose_lease_ended_is_interrupted_and_its_lake_taken(store: RunStore, lake: Lake) -> None:
    await store.begin(begun(lake, "elsewhere/1"), lease=-1)
    run = await run_pipelines(store, lake, request=REQUEST)
    assert run.status == "finished"
    assert (await store.run("a")).status == "interrupted"


async def test_the_lake_of_a_dead_process_of_this_machine_is_taken_at_once(
    store: RunStore, lake: Lake
) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await process.wait()
    place = this_process().rpartition("/")[0]
    await store.begin(begun(lake, f"{place}/{process.pid}"), lease=600)
    assert (await run_pipelines(store, lake, request=REQUEST)).status == "finished"


def test_a_process_of_another_machine_is_not_taken_to_be_dead() -> None:
    assert not is_dead("elsewhere boot pid:[1]/1")
    assert not is_dead(this_process())


async def test_who_lost_the_lease_is_told_so(store: RunStore, lake: Lake) -> None:
    first, second = begun(lake, "elsewhere/1"), begun(lake, "elsewhere/2", "b")
    await store.begin(first, lease=-1)
    assert await store.renew(first, lease=-1)
    await store.begin(second, lease=60)
    assert not await store.renew(first, lease=60)
    await store.finish(first, status="finished")
    assert (await store.run("a")).status == "interrupted"
    assert await store.renew(second, lease=60)


async def test_a_cancelled_run_stops_between_two_steps_and_lets_the_lake_go(
    store: RunStore, lake: Lake
) -> None:
    running = asyncio.create_task(run_pipelines(store, lake, request=REQUEST))
    while not await store.runs():  # noqa: ASYNC110 - a database tells nobody
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [one.status for one in await store.runs()] == ["stopped"]
    assert (await run_pipelines(store, lake, request=REQUEST)).status == "finished"


async def test_a_backfill_makes_the_asked_days_again(store: RunStore, lake: Lake) -> None:
    await run_pipelines(store, lake, request=REQUEST)
    asked = RunRequest(
        "backfill", TODAY - timedelta(days=2), TODAY, again=True, only=("catalog_growth",), today=TODAY
    )
    run = await run_pipelines(store, lake, request=asked)
    steps = await store.steps(run.id)
    assert {one.dataset for one in steps} == {"catalog_growth"}
    assert run.made == 1
    assert (run.since, run.trigger) == (str(TODAY - timedelta(days=2)), "backfill")
    weekly = await run_pipelines(store, lake, request=replace(asked, only=("downloads_daily",)))
    assert weekly.made == 4  # three days, and the ranking that reads them


async def test_an_unknown_run_is_not_found(store: RunStore) -> None:
    with pytest.raises(NotFoundError):
        await store.run("nobody")
