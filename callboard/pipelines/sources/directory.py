"""Backstage's plugin directory: a YAML file a plugin, from a folder or from a URL with a glob."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from callboard.core.errors import CallboardError
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.listings import of_directory_file
from callboard.pipelines.sources.writing import Row, merge


class Directory:
    """Its plugins stand beside the listings of the catalog; a listing of the same name is the catalog's."""

    name = "directory"
    datasets: Sequence[str] = ("listings",)

    def __init__(self, source: str) -> None:
        self._source = source

    async def collect(self, work: Work, outcome: Outcome) -> None:
        if work.since is not None:
            return
        rows: list[Row] = []
        for place, content in await self._files(work):
            try:
                rows += of_directory_file(PurePosixPath(place).stem, _parsed(content, place), work.today)
            except SourceError as error:
                outcome.failed(error.message, error.url, error.field)
        there = await asyncio.to_thread(work.lake.read, "raw", "listings", work.today, work.today)
        taken = set(there["listing"].to_pylist()) if there is not None else set()
        new = [row for row in rows if row["listing"] not in taken]
        await merge(work.lake, outcome, "listings", work.today, new, keys=("listing", "ecosystem", "package"))

    async def _files(self, work: Work) -> list[tuple[str, bytes]]:
        if "://" not in self._source:
            return await asyncio.to_thread(_in_folder, Path(self._source))
        try:
            found = await work.client.reader.search(self._source)
        except CallboardError as error:
            raise SourceError(str(error), self._source) from None
        return [(urlsplit(one.url).path, one.content) for one in found]


def _in_folder(folder: Path) -> list[tuple[str, bytes]]:
    if not folder.is_dir():
        raise SourceError("there is no such folder", str(folder))
    return [(str(one), one.read_bytes()) for one in sorted(folder.glob("*.yaml"))]


def _parsed(content: bytes, place: str) -> dict[str, Any]:
    try:
        body = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise SourceError(f"is no YAML: {str(error).splitlines()[0]}", place) from None
    if not isinstance(body, dict):
        raise SourceError("must be an object", place)
    for field in ("title", "npmPackageName"):
        if not isinstance(body.get(field), str):
            raise SourceError("is missing", place, field)
    return body
