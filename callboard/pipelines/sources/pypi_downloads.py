"""PyPI's downloads: from an export of the public table of file downloads, or from an API that sums it up.

An export is a folder of Parquet, CSV or JSON lines. Its rows are downloads (`timestamp`, `file.project`,
`details.installer.name`), or sums (`day`, `project`, `downloads`, perhaps `installer`).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import duckdb

from callboard.core.errors import NotFoundError
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.fields import a_list, an_object, count, day, text
from callboard.pipelines.sources.pypi import normalized
from callboard.pipelines.sources.writing import Row, merge

LATE = 3  # days that are read again, because counts come late
READERS = {
    ".parquet": "read_parquet([{}], union_by_name=true)",
    ".csv": "read_csv([{}], union_by_name=true, all_varchar=true)",
    ".jsonl": "read_json([{}], format='newline_delimited', union_by_name=true)",
}


class PypiExport:
    """Files that did not change since the last time are not read again."""

    name = "pypi-export"
    datasets: Sequence[str] = ("downloads",)

    def __init__(self, folder: str, mirrors: Sequence[str]) -> None:
        self._folder = Path(folder)
        self._mirrors = tuple(one.lower() for one in mirrors)

    async def collect(self, work: Work, outcome: Outcome) -> None:
        if not await asyncio.to_thread(self._folder.is_dir):
            raise SourceError("there is no such folder", str(self._folder))
        state = await work.state.of(self.name)
        known: dict[str, str] = state.setdefault("files", {})
        named = {normalized(one): one for one in work.shelf.of("pypi")}
        # Which packages are wanted is a part of what was read: a new one makes everything be read again.
        shelf = ",".join(sorted(named))
        found = await asyncio.to_thread(self._files)
        stamps = {str(path): f"{path.stat().st_mtime_ns}-{path.stat().st_size}" for path in found}
        if work.since is None and state.get("shelf") == shelf and stamps == known:
            return
        by_day: dict[date, list[Row]] = defaultdict(list)
        for suffix, reader in READERS.items():
            files = [one for one in found if one.suffix == suffix]
            if not files:
                continue
            try:
                counted = await asyncio.to_thread(self._counted, files, reader, list(named))
            except duckdb.Error as error:
                outcome.failed(f"the files *{suffix} cannot be read: {error}", str(self._folder))
                return
            for when, project, downloads in counted:
                by_day[when].append(_row(when, named[project], downloads))
        for when, rows in sorted(by_day.items()):
            if when > work.yesterday or when < (work.since or when) or when > (work.until or when):
                continue
            await merge(work.lake, outcome, "downloads", when, rows, keys=("ecosystem", "package"))
        await work.state.remember(self.name, {"files": stamps, "shelf": shelf})

    def _files(self) -> list[Path]:
        return sorted(one for one in self._folder.rglob("*") if one.suffix in READERS and one.is_file())

    def _counted(
        self, files: Sequence[Path], reader: str, wanted: Sequence[str]
    ) -> list[tuple[date, str, int]]:
        with duckdb.connect() as base:
            # Names of files are the operator's; a quote in one is still no end of the text.
            quoted = ", ".join("'" + str(one).replace("'", "''") + "'" for one in files)
            base.execute(f"CREATE VIEW given AS SELECT * FROM {reader.format(quoted)}")  # noqa: S608
            columns = {name: kind for name, kind, *_ in base.execute("DESCRIBE given").fetchall()}
            when, project, installer, number = _columns(columns, str(self._folder))
            query = f"""
                SELECT day, project, sum(number)::BIGINT FROM (
                    SELECT CAST(CAST({when} AS VARCHAR)[1:10] AS DATE) AS day,
                           lower(regexp_replace({project}, '[-_.]+', '-', 'g')) AS project,
                           {number} AS number
                    FROM given
                    WHERE {installer} IS NULL OR NOT list_contains(?, lower({installer}))
                ) WHERE list_contains(?, project) GROUP BY ALL ORDER BY ALL"""  # noqa: S608 - the expressions are of the table in `_columns`
            return base.execute(query, [list(self._mirrors), list(wanted)]).fetchall()


def _columns(columns: dict[str, str], place: str) -> tuple[str, str, str, str]:
    """Expressions of the day, the project, the installer and the number of downloads."""

    def first(*names: str) -> str | None:
        return next((f'"{one}"' for one in names if one in columns), None)

    def named(field: str, *names: str) -> str:
        found = first(*names)
        if found is None:
            raise SourceError(f"is missing; the files have {', '.join(columns)}", place, field)
        return found

    when = named("timestamp", "timestamp", "day", "download_date", "date")
    nested = columns.get("file", "").startswith("STRUCT")
    project = "file.project" if nested else named("file.project", "file.project", "file_project", "project")
    installer = first("details.installer.name", "installer_name", "installer") or "NULL::VARCHAR"
    if columns.get("details", "").startswith("STRUCT"):
        installer = "details.installer.name"
    number = first("downloads", "num_downloads")
    return when, project, installer, f"CAST({number} AS BIGINT)" if number else "1"


class PypiDownloads:
    """An API that answers `<url>/packages/<name>/overall?mirrors=false` with counts by day."""

    name = "pypi-downloads"
    datasets: Sequence[str] = ("downloads",)

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    async def collect(self, work: Work, outcome: Outcome) -> None:
        by_day: dict[date, list[Row]] = defaultdict(list)
        state = await work.state.of(self.name)
        last: dict[str, str] = state.setdefault("last", {})
        for package in work.shelf.of("pypi"):
            url = f"{self._url}/packages/{quote(package, safe='')}/overall?mirrors=false"
            since = work.since
            if since is None and package in last:
                since = date.fromisoformat(last[package]) - timedelta(days=LATE - 1)
            try:
                got = await work.client.get(url)
                if not got.fresh and package in last and work.since is None:
                    continue
                rows = rows_of(got.json(), package, url)
            except NotFoundError:
                outcome.failed(f"there are no downloads of {package}", url)
                continue
            except SourceError as error:
                outcome.failed(f"{package}: {error.message}", error.url or url, error.field)
                continue
            for row in rows:
                when = row["day"]
                if (since or when) <= when <= (work.until or work.yesterday):
                    by_day[when].append(row)
            last[package] = work.yesterday.isoformat()
        for when, rows in sorted(by_day.items()):
            await merge(work.lake, outcome, "downloads", when, rows, keys=("ecosystem", "package"))
        await work.state.remember(self.name, state)


def rows_of(answer: object, package: str, url: str) -> list[Row]:
    """The rows of one package, without those of mirrors. Raises SourceError."""
    rows = []
    for one in a_list(an_object(answer, url), "data", url):
        entry = an_object(one, url, "data")
        if text(entry, "category", url) == "without_mirrors":
            rows.append(_row(day(entry, "date", url), package, count(entry, "downloads", url)))
    return rows


def _row(when: date, package: str, downloads: int) -> Row:
    return {"day": when, "ecosystem": "pypi", "package": package, "downloads": downloads}
