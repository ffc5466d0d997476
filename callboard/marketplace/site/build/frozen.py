"""What the build works from: the published entities and their figures, as of one moment.

It is plain data, so that several processes can work from it, none of which knows the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from callboard.catalog.index import Entry, Index
from callboard.catalog.query import Queries
from callboard.marketplace.figures import Figures, ListingFigures, Ranking
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.site.content import content
from callboard.marketplace.site.links import Links, slugs_of
from callboard.marketplace.site.service import SHOWN
from callboard.marketplace.site.settings import PublicSettings
from callboard.marketplace.site.shop import Cards, Shop


@dataclass(frozen=True)
class FrozenFigures:
    """The figures of every listing; a `Figures`."""

    listings: Mapping[str, ListingFigures] = field(default_factory=dict)
    rankings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    version: str = "frozen"
    is_sample: bool = False

    def of(self, ref: str) -> ListingFigures | None:
        return self.listings.get(ref)

    def ranking(self, name: Ranking) -> Sequence[str]:
        return self.rankings.get(name, ())


@dataclass(frozen=True)
class Frozen:
    """`portal` is the address of the portal, where publishers apply and people report."""

    entries: Sequence[Entry]
    figures: FrozenFigures
    settings: PublicSettings
    today: date
    portal: str = ""

    def shop(self) -> Shop:
        """The shelf of everyone, from an index of the entities; about 0.1 ms an entity."""
        index = Index()
        index.put_many(self.entries)
        queries = Queries(index).seen(SHOWN)
        categories = queries.index.fields.get("spec.categories")
        slugs = slugs_of(value for value, _ in categories.items()) if categories is not None else {}
        links = Links(self.settings.url, built=True, portal=self.portal, slugs=slugs)
        shelf = Shelf(queries, self.figures)
        texts = content(self.settings.content)
        return Shop(shelf, queries.index, texts, links, self.settings.title, self.today, Cards())


async def freeze(
    queries: Queries, figures: Figures, settings: PublicSettings, today: date, portal: str = ""
) -> Frozen:
    """Everything that everyone may see of a catalog, and nothing else."""
    seen = queries.seen(SHOWN)
    index = seen.index
    rows = sorted(index.everything, key=index.ref)
    bodies = await index.bodies(rows)
    entries = [
        Entry(index.ref(row), index.entity_id(row), body)
        for row, body in zip(rows, bodies, strict=True)
        if body is not None
    ]
    known = {one.entity_ref: found for one in entries if (found := figures.of(one.entity_ref)) is not None}
    rankings = {name: tuple(figures.ranking(name)) for name in get_args(Ranking)}
    return Frozen(
        entries, FrozenFigures(known, rankings, figures.version, figures.is_sample), settings, today, portal
    )
