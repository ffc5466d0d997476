"""npm's packuments: what the registry says about each package of a listing."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import orjson

from callboard.core.errors import NotFoundError
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
    """`url` is the registry's."""

    name = "npm"
    datasets: Sequence[str] = ("packages",)

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    async def collect(self, work: Work, outcome: Outcome) -> None:
        rows: list[Row] = []
        for package in work.shelf.of("npm"):
            url = f"{self._url}/{escaped(package)}"
            try:
                rows.append(await self._read(work, package, url))
            except NotFoundError:
                outcome.failed(f"there is no package {package}", url)
            except SourceError as error:
                outcome.failed(error.message, error.url or url, error.field)
        await merge(work.lake, outcome, "packages", work.today, rows, keys=("ecosystem", "package"))

    async def _read(self, work: Work, package: str, url: str) -> Row:
        got = await work.client.get(url)
        body = an_object(got.json(), url)
        if text(body, "name", url) != package:
            raise SourceError(f"is about another package than {package}", url, "name")
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


def escaped(package: str) -> str:
    """The name as a part of a path: `@scope/name` keeps its at sign and loses its slash."""
    return quote(package, safe="@")
