"""Vulnerabilities from an OSV export: a folder of records, a zip file, or a URL with one zip an ecosystem.

A partition holds every record about a package of a listing, and the newest of each ecosystem, by which one
sees that it was looked at. Only records that were modified since the last time are taken apart.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from callboard.core.errors import NotFoundError
from callboard.pipelines.sources.contract import Outcome, Package, SourceError, Work
from callboard.pipelines.sources.fields import moment
from callboard.pipelines.sources.pypi import normalized
from callboard.pipelines.sources.writing import Row, write

MOST = 2 * 1024 * 1024  # bytes of one record
ECOSYSTEMS = {"npm": "npm", "PyPI": "pypi"}
Record = tuple[str, bytes]
"""Its name in the export, and its content."""


class OsvExport:
    """`source` and `ecosystems` as in `settings.OsvSettings`."""

    name = "osv"
    datasets: Sequence[str] = ("vulnerabilities",)

    def __init__(self, source: str, ecosystems: Sequence[str]) -> None:
        self._source = source
        self._ecosystems = ecosystems

    async def collect(self, work: Work, outcome: Outcome) -> None:
        state = await work.state.of(self.name)
        shelf = {(one.ecosystem, _name(one)): one.name for one in work.shelf.packages}
        # Records about a package that is new on the shelf may be old: then all are taken apart again.
        known = ",".join(sorted(f"{ecosystem}:{name}" for ecosystem, name in shelf))
        since = moment(state.get("modified")) if state.get("shelf") == known else None
        before = await asyncio.to_thread(self._before, work) if since is not None else []
        found, changed, newest = await self._read(work, outcome, shelf, since)
        if outcome.problems and not found:
            return
        kept = [row for row in before if row["id"] not in changed]
        rows = [{**row, "day": work.today} for row in (*kept, *found)]
        await write(work.lake, outcome, "vulnerabilities", work.today, _with_one_newest(rows, shelf))
        latest = max((one for one in (newest, since) if one), default=None)
        await work.state.remember(
            self.name, {"shelf": known, "modified": latest.isoformat() if latest else None}
        )

    def _before(self, work: Work) -> list[Row]:
        days = work.lake.days("raw", "vulnerabilities")
        table = work.lake.read("raw", "vulnerabilities", days[-1], days[-1]) if days else None
        return table.to_pylist() if table is not None else []

    async def _read(
        self, work: Work, outcome: Outcome, shelf: dict[tuple[str, str], str], since: datetime | None
    ) -> tuple[list[Row], set[str], datetime | None]:
        """Rows of what was modified after `since`, the ids of all these records, and the newest time."""
        rows: list[Row] = []
        changed: set[str] = set()
        newest: datetime | None = None
        for content in await self._exports(work, outcome):
            for name, body in content:
                try:
                    record = _record(name, body)
                except SourceError as error:
                    outcome.failed(error.message, f"{self._source}: {error.url}", error.field)
                    continue
                modified = moment(record["modified"])
                if modified is None or modified > work.now:
                    message = "lies in the future" if modified else "is no time"
                    outcome.failed(message, f"{self._source}: {name}", "modified")
                    continue
                newest = max(newest or modified, modified)
                if since is not None and modified <= since:
                    continue
                changed.add(record["id"])
                rows += _rows(record, body, modified, shelf)
        return rows, changed, newest

    async def _exports(self, work: Work, outcome: Outcome) -> list[Iterable[Record]]:
        if "://" not in self._source:
            path = Path(self._source)
            if await asyncio.to_thread(path.is_dir):
                return [_in_folder(path)]
            if await asyncio.to_thread(path.is_file):
                return [_in_zip(await asyncio.to_thread(path.read_bytes), self._source)]
            raise SourceError("there is no such file or folder", self._source)
        found: list[Iterable[Record]] = []
        for ecosystem in self._ecosystems:
            url = f"{self._source.rstrip('/')}/{ecosystem}/all.zip"
            try:
                got = await work.client.get(url, cached=False)
            except NotFoundError:
                outcome.failed("there is no such export", url)
            except SourceError as error:
                outcome.failed(error.message, url)
            else:
                found.append(_in_zip(got.content, url))
        return found


def _in_folder(path: Path) -> Iterator[Record]:
    for one in sorted(path.rglob("*.json")):
        yield one.name, one.read_bytes()


def _in_zip(content: bytes, place: str) -> Iterator[Record]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            for info in file.infolist():
                if info.filename.endswith(".json") and info.file_size <= MOST:
                    yield info.filename, file.read(info)
    except (zipfile.BadZipFile, EOFError) as error:
        raise SourceError(f"the export is no whole zip file: {error}", place) from None


def _record(name: str, body: bytes) -> dict[str, Any]:
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceError(f"is no whole JSON: {error}", name) from None
    if not isinstance(record, dict):
        raise SourceError("must be an object", name)
    for field in ("id", "modified"):
        if not isinstance(record.get(field), str):
            raise SourceError("is missing", name, field)
    return record


def _rows(
    record: dict[str, Any], body: bytes, modified: datetime, shelf: dict[tuple[str, str], str]
) -> Iterator[Row]:
    affected = record.get("affected")
    seen: set[tuple[str, str]] = set()
    for one in affected if isinstance(affected, list) else ():
        package = one.get("package") if isinstance(one, dict) else None
        if not isinstance(package, dict) or package.get("ecosystem") not in ECOSYSTEMS:
            continue
        ecosystem = ECOSYSTEMS[package["ecosystem"]]
        name = _name(Package(ecosystem, str(package.get("name", ""))))
        if (ecosystem, name) in seen:
            continue
        seen.add((ecosystem, name))
        yield {
            "id": record["id"],
            "ecosystem": ecosystem,
            "package": shelf.get((ecosystem, name), name),
            "document": body.decode("utf-8", "replace"),
            "modified": modified.astimezone(UTC),
        }


def _with_one_newest(rows: Sequence[Row], shelf: dict[tuple[str, str], str]) -> list[Row]:
    """The rows about packages of the shelf, and of the others the newest of each ecosystem."""
    others: dict[str, Row] = {}
    kept = []
    for row in rows:
        if (row["ecosystem"], _name(Package(row["ecosystem"], row["package"]))) in shelf:
            kept.append(row)
        else:
            last = others.get(row["ecosystem"])
            if last is None or (row["modified"], row["id"]) > (last["modified"], last["id"]):
                others[row["ecosystem"]] = row
    return [*kept, *others.values()]


def _name(package: Package) -> str:
    return normalized(package.name) if package.ecosystem == "pypi" else package.name
