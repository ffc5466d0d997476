"""Vulnerabilities from OSV exports, and PyPI's documents and downloads."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from callboard.pipelines.lake import Lake
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.osv import OsvExport
from callboard.pipelines.sources.pypi import PypiPackages
from callboard.pipelines.sources.pypi_downloads import PypiDownloads, PypiExport
from tests.core.reader.servers import Server, answer
from tests.pipelines.sources.answers import as_json, recorded
from tests.pipelines.sources.conftest import NOW, Worker


def advisory(id: str, package: str, modified: str, ecosystem: str = "npm") -> dict[str, Any]:
    return {
        "id": id,
        "modified": f"{modified}T00:00:00Z",
        "affected": [{"package": {"ecosystem": ecosystem, "name": package}, "versions": ["1.0.0"]}],
    }


def zipped(*records: dict[str, Any] | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number, one in enumerate(records):
            body = one if isinstance(one, bytes) else json.dumps(one).encode()
            file.writestr(f"{number}.json", body)
    return buffer.getvalue()


async def read_osv(work: Work, source: str) -> Outcome:
    outcome = Outcome("osv")
    await OsvExport(source, ("npm",)).collect(work, outcome)
    return outcome


def ids(lake: Lake, day: date) -> list[str]:
    table = lake.read("raw", "vulnerabilities", day, day)
    return [] if table is None else sorted(table["id"].to_pylist())


async def test_advisories_about_the_shelf_are_kept_and_one_other_shows_that_it_was_read(
    lake: Lake, work_of: Worker, tmp_path: Path
) -> None:
    export = tmp_path / "all.zip"
    export.write_bytes(
        zipped(
            advisory("A-1", "left-pad", "2026-01-01"),
            advisory("A-2", "another", "2026-01-02"),
            advisory("A-3", "one-more", "2026-01-03"),
        )
    )
    assert not (await read_osv(work_of("npm:left-pad"), str(export))).problems
    assert ids(lake, NOW.date()) == ["A-1", "A-3"]


async def test_the_next_day_holds_what_was_known_and_what_was_modified(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    first = [advisory("A-1", "left-pad", "2026-01-01"), advisory("A-2", "left-pad", "2026-01-02")]
    server.routes["/npm/all.zip"] = answer(zipped(*first))
    await read_osv(work_of("npm:left-pad"), server.url(""))
    withdrawn = {**advisory("A-2", "elsewhere", "2026-03-12")}
    server.routes["/npm/all.zip"] = answer(zipped(first[0], withdrawn))
    tomorrow = work_of("npm:left-pad", now=NOW + timedelta(days=1))
    assert not (await read_osv(tomorrow, server.url(""))).problems
    assert ids(lake, tomorrow.today) == ["A-1", "A-2"]
    table = lake.read("raw", "vulnerabilities", tomorrow.today)
    assert table is not None
    assert {row["id"]: row["package"] for row in table.to_pylist()}["A-2"] == "elsewhere"


async def test_a_broken_record_and_one_of_the_future_hide_no_other(
    lake: Lake, work_of: Worker, tmp_path: Path
) -> None:
    export = tmp_path / "all.zip"
    export.write_bytes(
        zipped(
            b'{"id": "A-0"',
            {"id": "A-9"},
            advisory("A-1", "left-pad", "2026-01-01"),
            advisory("A-2", "left-pad", "2031-01-01"),
        )
    )
    outcome = await read_osv(work_of("npm:left-pad"), str(export))
    assert ids(lake, NOW.date()) == ["A-1"]
    assert [one.field for one in outcome.problems] == ["", "modified", "modified"]
    assert "lies in the future" in outcome.problems[2].message


async def test_an_export_that_is_cut_off_changes_nothing(server: Server, lake: Lake, work_of: Worker) -> None:
    server.routes["/npm/all.zip"] = answer(zipped(advisory("A-1", "left-pad", "2026-01-01"))[:40])
    with pytest.raises(SourceError, match="no whole zip file"):
        await read_osv(work_of("npm:left-pad"), server.url(""))
    assert lake.days("raw", "vulnerabilities") == []


async def test_a_project_document_becomes_a_row(server: Server, lake: Lake, work_of: Worker) -> None:
    server.routes["/pypi/iniconfig/json"] = recorded("pypi-iniconfig")
    outcome = Outcome("pypi")
    await PypiPackages(server.url("")).collect(work_of("pypi:iniconfig", "pypi:gone"), outcome)
    assert [one.url for one in outcome.problems] == [server.url("/pypi/gone/json")]
    table = lake.read("raw", "packages")
    assert table is not None
    (row,) = table.to_pylist()
    assert json.loads(row["document"])["info"]["version"] == "2.3.1"


DOWNLOADS = (
    ("2026-03-10T01:00:00Z", "iniconfig", "pip"),
    ("2026-03-10T02:00:00Z", "Ini_Config", "pip"),
    ("2026-03-10T03:00:00Z", "iniconfig", "bandersnatch"),
    ("2026-03-10T04:00:00Z", "iniconfig", None),
    ("2026-03-11T00:00:00Z", "iniconfig", "uv"),
    ("2026-03-11T00:00:00Z", "another", "uv"),
)


def write_export(folder: Path, form: str) -> None:
    rows = [
        {"timestamp": at, "file": {"project": project}, "details": {"installer": {"name": installer}}}
        for at, project, installer in DOWNLOADS
    ]
    flat = [
        {"timestamp": at, "file.project": project, "details.installer.name": installer or ""}
        for at, project, installer in DOWNLOADS
    ]
    folder.mkdir()
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), folder / "one.parquet")
    elif form == "jsonl":
        (folder / "one.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    else:
        with (folder / "one.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(flat[0]))
            writer.writeheader()
            writer.writerows(flat)


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv"])
async def test_an_export_of_downloads_is_summed_without_those_of_mirrors(
    lake: Lake, work_of: Worker, tmp_path: Path, form: str
) -> None:
    write_export(tmp_path / "export", form)
    source = PypiExport(str(tmp_path / "export"), ("bandersnatch",))
    outcome = Outcome("pypi-export")
    await source.collect(work_of("pypi:iniconfig", "pypi:ini-config"), outcome)
    assert not outcome.problems
    table = lake.read("raw", "downloads")
    assert table is not None
    assert {(row["day"].day, row["package"]): row["downloads"] for row in table.to_pylist()} == {
        (10, "iniconfig"): 2,
        (10, "ini-config"): 1,
        (11, "iniconfig"): 1,
    }
    again = Outcome("pypi-export")
    await source.collect(work_of("pypi:iniconfig", "pypi:ini-config"), again)
    assert again.rows == {}


async def test_an_export_with_a_renamed_column_names_it(work_of: Worker, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "one.csv").write_text("when,file.project\n2026-03-10,iniconfig\n")
    with pytest.raises(SourceError, match=r"the files have when, file.project") as caught:
        await PypiExport(str(tmp_path / "export"), ()).collect(work_of("pypi:iniconfig"), Outcome("x"))
    assert caught.value.field == "timestamp"


async def test_counts_of_an_api_are_those_without_mirrors(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    entry = {"date": "2026-03-10", "downloads": 7}
    server.routes["/packages/iniconfig/overall?mirrors=false"] = as_json(
        {"data": [{**entry, "category": "without_mirrors"}, {**entry, "category": "with_mirrors"}]}
    )
    outcome = Outcome("pypi-downloads")
    await PypiDownloads(server.url("")).collect(work_of("pypi:iniconfig"), outcome)
    assert not outcome.problems
    table = lake.read("raw", "downloads")
    assert table is not None
    assert [(row["day"], row["downloads"]) for row in table.to_pylist()] == [(date(2026, 3, 10), 7)]
