"""Rows of listings: from entities and from Backstage's directory files; recorded answers; usage events."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import orjson

from callboard.pipelines.capture.spool import FOLDER
from callboard.pipelines.lake import Lake
from callboard.pipelines.sources.contract import Outcome, Package
from callboard.pipelines.sources.directory import Directory
from callboard.pipelines.sources.events import UsageEvents
from callboard.pipelines.sources.listings import of_entity, shelf_of
from callboard.pipelines.sources.recorded import Recorded
from tests.pipelines import sample
from tests.pipelines.sources.conftest import NOW, Worker

DAY = date(2026, 3, 12)
TIDE = {
    "kind": "Listing",
    "metadata": {
        "name": "Tide",
        "namespace": "acme",
        "title": "Tide tables",
        "links": [{"title": "Source Code", "url": "https://GitHub.com/Acme/Tide/tree/main/plugins/tide"}],
    },
    "spec": {
        "publisher": "acme",
        "lifecycle": "active",
        "added": "2026-01-02",
        "packages": [{"ecosystem": "npm", "name": "@acme/tide"}, {"ecosystem": "pypi", "name": "tide"}],
        "description": "Tides ä",
        "documentation": [{"markdown": "More"}],
    },
}


def test_a_listing_gives_a_row_for_each_of_its_packages() -> None:
    releases = [
        {"spec": {"date": "2026-02-01", "supports": {"backstage": "1.52.0"}}},
        {"spec": {"date": "2025-02-01", "supports": {"backstage": "1.40.0"}}},
    ]
    rows = of_entity(TIDE, releases, DAY)
    assert [(row["listing"], row["ecosystem"], row["package"]) for row in rows] == [
        ("listing:acme/tide", "npm", "@acme/tide"),
        ("listing:acme/tide", "pypi", "tide"),
    ]
    assert rows[0]["repository"] == "https://github.com/acme/tide"
    assert rows[0]["supports_backstage"] == "1.52.0"
    assert (rows[0]["readme_bytes"], rows[0]["documented"]) == (12, True)
    shelf = shelf_of(rows)
    assert shelf.packages == (Package("npm", "@acme/tide"), Package("pypi", "tide"))
    assert shelf.repositories == ("https://github.com/acme/tide",)


def test_a_listing_without_packages_has_one_row() -> None:
    (row,) = of_entity({"metadata": {"name": "bare"}, "spec": {}}, [], DAY)
    assert (row["listing"], row["package"], row["lifecycle"]) == ("listing:default/bare", None, "active")


async def test_files_of_backstages_directory_become_listings_and_broken_ones_are_told(
    lake: Lake, work_of: Worker, tmp_path: Path
) -> None:
    folder = tmp_path / "directory"
    folder.mkdir()
    (folder / "tide.yaml").write_text(
        "title: Tide\nauthor: Acme\nnpmPackageName: '@acme/tide'\naddedDate: '2026-01-02'\n"
        "documentation: https://github.com/acme/tide#readme\n"
    )
    (folder / "broken.yaml").write_text("title: [")
    (folder / "nameless.yaml").write_text("title: Nameless\n")
    outcome = Outcome("directory")
    await Directory(str(folder)).collect(work_of(), outcome)
    table = lake.read("raw", "listings")
    assert table is not None
    assert [(row["listing"], row["package"], row["added"]) for row in table.to_pylist()] == [
        ("listing:default/tide", "@acme/tide", date(2026, 1, 2))
    ]
    assert [one.field for one in outcome.problems] == ["", "npmPackageName"]


async def test_recorded_answers_end_yesterday_and_go_on_from_there(lake: Lake, work_of: Worker) -> None:
    source = Recorded(str(sample.FOLDER))
    outcome = Outcome("recorded")
    await source.collect(work_of(), outcome)
    assert not outcome.problems
    days = lake.days("raw", "downloads")
    assert (days[0], days[-1], len(days)) == (
        DAY - timedelta(days=sample.DAYS),
        DAY - timedelta(days=1),
        sample.DAYS,
    )
    first = {dataset: lake.partitions("raw", dataset) for dataset in lake.datasets("raw")}
    assert set(first) == set(Recorded.datasets)
    again = Outcome("recorded")
    await source.collect(work_of(), again)
    assert (again.rows, again.problems) == ({}, [])
    await source.collect(work_of(now=NOW + timedelta(days=1)), Outcome("recorded"))
    assert lake.days("raw", "downloads")[-1] == DAY
    assert lake.partitions("raw", "downloads")[:-1] == first["downloads"]


def test_the_shipped_sample_is_what_its_program_makes() -> None:
    for name, content in sample.made().items():
        assert (sample.FOLDER / name).read_bytes() == content, name
    assert sum(path.stat().st_size for path in sample.FOLDER.iterdir()) < 2_000_000


async def test_spooled_events_become_rows_of_their_day_once(lake: Lake, work_of: Worker) -> None:
    line = {
        "day": "2026-03-11", "at": "2026-03-11T10:00:00.000001+00:00", "action": "navigate", "subject": "/",
        "value": None, "plugin": "home", "page": "/", "team": None, "visitor": "v", "attributes": "{}",
        "context": "{}",
    }  # fmt: skip
    path = f"{lake.root}/{FOLDER}/node-00000001.jsonl"

    async def spooled(*lines: bytes) -> Outcome:
        lake.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        lake.fs.pipe_file(path, b"\n".join(lines))
        outcome = Outcome("usage")
        await UsageEvents().collect(work_of(), outcome)
        assert not lake.fs.exists(path)
        return outcome

    await spooled(orjson.dumps(line))
    # A process that was killed before it removed the file reads it once more.
    outcome = await spooled(orjson.dumps(line), b'{"at": 1}', orjson.dumps({**line, "subject": "/search"}))
    table = lake.read("raw", "events")
    assert table is not None
    assert sorted(table["subject"].to_pylist()) == ["/", "/search"]
    assert len(outcome.problems) == 1
