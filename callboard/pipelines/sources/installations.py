"""Which plugins run in this portal: those that were installed into it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from callboard.catalog.query.compile import match_rows
from callboard.catalog.query.conditions import AllOf, OneOf
from callboard.pipelines.sources.contract import Outcome, Work
from callboard.pipelines.sources.pypi import normalized
from callboard.pipelines.sources.writing import Row, merge
from callboard.plugins.install.store import InstallationStore


class Installations:
    """One row a plugin of the portal, with the listing that offers its package."""

    name = "installations"
    datasets: Sequence[str] = ("installations",)

    async def collect(self, work: Work, outcome: Outcome) -> None:
        if work.database is None or work.since is not None:
            return
        rows: list[Row] = []
        for one in (await InstallationStore(work.database).all()).values():
            listing = await self._listing(work, one.distribution)
            rows.append(
                {
                    "day": work.today,
                    "plugin": one.plugin,
                    "version": one.version,
                    "listing": listing,
                    "installs": 1,
                }
            )
        await merge(work.lake, outcome, "installations", work.today, rows, keys=("plugin", "version"))

    async def _listing(self, work: Work, distribution: str) -> str | None:
        if work.queries is None:
            return None
        index = work.queries.index
        named = AllOf((OneOf("kind", ("listing",)), OneOf("spec.packages.name", (distribution.lower(),))))
        for row, body in zip(rows := list(match_rows(index, named)), await index.bodies(rows), strict=True):
            spec = orjson.loads(body).get("spec", {}) if body else {}
            for package in spec.get("packages") or ():
                if package.get("ecosystem") == "pypi" and normalized(package["name"]) == normalized(
                    distribution
                ):
                    return index.ref(row).lower()
        return None
