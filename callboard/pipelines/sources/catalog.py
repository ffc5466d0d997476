"""The catalog as a source: a picture of today of its listings and of its entities, from the read index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from callboard.catalog.index import Index
from callboard.catalog.query.compile import match_rows
from callboard.catalog.query.conditions import OneOf
from callboard.pipelines.sources.contract import Outcome, Work
from callboard.pipelines.sources.listings import of_entity
from callboard.pipelines.sources.writing import Row, write

AT_ONCE = 500  # entities whose bodies are held together


class CatalogSnapshot:
    """The picture of a day is taken anew with every run, so that it is that of the day's end."""

    name = "catalog"
    datasets: Sequence[str] = ("listings", "entities")

    async def collect(self, work: Work, outcome: Outcome) -> None:
        if work.queries is None or work.since is not None:  # the past cannot be looked at
            return
        index = work.queries.index
        entities = [_row(index, row) for row in index.everything]
        await write(
            work.lake, outcome, "entities", work.today, [{"day": work.today, **one} for one in entities]
        )
        rows = await self._listings(index, work)
        if rows or work.lake.partition("raw", "listings", work.today):
            await write(work.lake, outcome, "listings", work.today, rows)

    async def _listings(self, index: Index, work: Work) -> list[Row]:
        rows: list[Row] = []
        found = list(match_rows(index, OneOf("kind", ("listing",))))
        for start in range(0, len(found), AT_ONCE):
            some = found[start : start + AT_ONCE]
            for row, body in zip(some, await index.bodies(some), strict=True):
                if body is None:
                    continue
                entity = orjson.loads(body)
                if isinstance(entity.get("spec", {}).get("takenDown"), dict):
                    continue
                rows += of_entity(entity, await self._releases(index, row), work.today)
        return rows

    async def _releases(self, index: Index, row: int) -> list[dict[str, Any]]:
        """The releases of a listing (JSON, hence Any)."""
        refs = index.values_of(row, "relations.hasrelease")
        rows = [one for ref in refs if (one := index.row(ref.lower())) is not None]
        return [orjson.loads(body) for body in await index.bodies(rows) if body is not None]


def _row(index: Index, row: int) -> Row:
    ref = index.ref(row)
    types = index.values_of(row, "spec.type")
    owners = index.values_of(row, "relations.ownedby")
    return {
        "entity": ref.lower(),
        "kind": ref.partition(":")[0].lower(),
        "type": types[0] if types else None,
        # An owner that is not in the catalog is nobody.
        "owned": any(index.row(owner.lower()) is not None for owner in owners),
    }
