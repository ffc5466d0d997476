"""npm's packuments: what the registry says about each package of a listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import orjson

from callboard.core.errors import NotFoundError
from callboard.pipelines.published import MISSING, missing_now
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.fields import an_object, text
from callboard.pipelines.sources.writing import Row, merge

KEPT = (
    "name",
    "description",
    "dist-tags",
    "time",
    "maintainers",
    "license",
    "repository",
    "homepage",
    "keywords",
)
OF_A_VERSION = ("deprecated", "engines", "license", "peerDependencies", "backstage")


class NpmPackages:
    """`url` is the registry's. What it does not have (any more) is remembered: listings are judged by it."""

    name = "npm"
    datasets: Sequence[str] = ("packages",)

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    async def collect(self, work: Work, outcome: Outcome) -> None:
        rows: list[Row] = []
        absent: dict[str, date] = {}
        asked = work.shelf.of("npm")
        for package in asked:
            url = f"{self._url}/{escaped(package)}"
            try:
                rows.append(await self._read(work, package, url))
            except NotFoundError:
                outcome.failed(f"there is no package {package}", url)
                absent[package] = work.today
            except SourceError as error:
                outcome.failed(error.message, error.url or url, error.field)
        await merge(work.lake, outcome, "packages", work.today, rows, keys=("ecosystem", "package"))
        state = await work.state.of(self.name)
        before = state.get(MISSING)
        there = {str(row["package"]) for row in rows}
        missing = missing_now(before if isinstance(before, dict) else {}, absent, there, set(asked))
        if missing != before:
            await work.state.remember(self.name, {**state, MISSING: missing})

    async def _read(self, work: Work, package: str, url: str) -> Row:
        got = await work.client.get(url)
        body = an_object(got.json(), url)
        if text(body, "name", url) != package:
            raise SourceError(f"is about another package than {package}", url, "name")
        if _is_unpublished(body):
            raise NotFoundError(f"{package} was unpublished")
        versions = an_object(body.get("versions"), url, "versions")
        an_object(body.get("dist-tags"), url, "dist-tags")
        an_object(body.get("time"), url, "time")
        document = {name: body[name] for name in KEPT if name in body}
        # Tarballs, scripts and dependencies are most of a packument, and no model reads them.
        document["versions"] = {
            version: {name: one[name] for name in OF_A_VERSION if name in one}
            for version, one in versions.items()
            if isinstance(one, dict)
        }
        return {
            "day": work.today,
            "ecosystem": "npm",
            "package": package,
            "document": orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode(),
            "fetched_at": work.now,
        }


def _is_unpublished(body: Mapping[str, Any]) -> bool:
    """Whether every version was taken back: then the registry says when, and names none (JSON, hence Any)."""
    time = body.get("time")
    return not body.get("versions") and isinstance(time, dict) and "unpublished" in time


def escaped(package: str) -> str:
    """The name as a part of a path: `@scope/name` keeps its at sign and loses its slash."""
    return quote(package, safe="@")
