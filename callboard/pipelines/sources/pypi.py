"""PyPI's project documents: what the index says about each package of a listing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

import orjson

from callboard.core.errors import NotFoundError
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.fields import an_object, text
from callboard.pipelines.sources.writing import Row, merge

OF_INFO = (
    "name", "version", "summary", "classifiers", "requires_python", "license", "license_expression",
    "project_urls", "yanked", "yanked_reason", "keywords",
)  # fmt: skip
OF_A_FILE = ("upload_time_iso_8601", "yanked")


class PypiPackages:
    """`url` is the index's; documents lie below its `/pypi`."""

    name = "pypi"
    datasets: Sequence[str] = ("packages",)

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    async def collect(self, work: Work, outcome: Outcome) -> None:
        rows: list[Row] = []
        for package in work.shelf.of("pypi"):
            url = f"{self._url}/pypi/{quote(package, safe='')}/json"
            try:
                rows.append(await self._read(work, package, url))
            except NotFoundError:
                outcome.failed(f"there is no package {package}", url)
            except SourceError as error:
                outcome.failed(error.message, error.url or url, error.field)
        await merge(work.lake, outcome, "packages", work.today, rows, keys=("ecosystem", "package"))

    async def _read(self, work: Work, package: str, url: str) -> Row:
        body = an_object((await work.client.get(url)).json(), url)
        info = an_object(body.get("info"), url, "info")
        if normalized(text(info, "name", url)) != normalized(package):
            raise SourceError(f"is about another package than {package}", url, "info.name")
        text(info, "version", url)
        releases = body.get("releases") or {info["version"]: body.get("urls")}
        document = {
            "info": {name: info[name] for name in OF_INFO if name in info},
            "ownership": body.get("ownership"),
            "releases": {
                version: [{name: one[name] for name in OF_A_FILE if name in one} for one in files or ()]
                for version, files in an_object(releases, url, "releases").items()
            },
        }
        return {
            "day": work.today,
            "ecosystem": "pypi",
            "package": package,
            "document": orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode(),
            "fetched_at": work.now,
        }


def normalized(name: str) -> str:
    """The name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
