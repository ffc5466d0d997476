"""The shelf: everything pages ask of the Marketplace, as one visitor may see it.

Questions are answered from the read index; only the entities that are shown are parsed. What a question gave
is remembered until something on the shelf or the figures change; the rest of the catalog may change often.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import orjson
from pyroaring import BitMap

from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, OneOf
from callboard.marketplace import finding
from callboard.marketplace.asked import (
    MAX_PAGE_SIZE,
    Browse,
    CollectionPage,
    Detail,
    Found,
    Item,
    PublisherPage,
    Sort,
)
from callboard.marketplace.entities import read_collection, read_publisher, read_release
from callboard.marketplace.figures import Figures, NoFigures
from callboard.marketplace.items import Items, State, state_of
from callboard.marketplace.members import member, members
from callboard.marketplace.model import Collection, Entity, Publisher, Release
from callboard.marketplace.tables import COLLECTION, RELEASE, Tables

REMEMBERED = 512
KEPT = 256
"""Views of the catalog whose shelf is kept; each costs little beyond its last answers."""


class Shelves:
    """Gives each visitor their shelf; visitors who see the same share one."""

    def __init__(self, figures: Figures | None = None) -> None:
        self.figures = figures or NoFigures()
        self._items = Items(self.figures)
        self._known: OrderedDict[Queries, Shelf] = OrderedDict()

    def of(self, queries: Queries) -> Shelf:
        """The shelf of the visitor who may ask these questions (see `Visibility.queries_for`)."""
        known = self._known.get(queries)
        if known is None:
            known = self._known[queries] = Shelf(queries, self.figures, self._items)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(queries)
        return known


class Shelf:
    """Of one visitor. References may be written in any case."""

    def __init__(self, queries: Queries, figures: Figures, items: Items | None = None) -> None:
        self._queries = queries
        self._figures = figures
        self._kept = items or Items(figures)
        self._state: State = (-1, "")
        self._tables: Tables
        self._collections: dict[str, tuple[Collection, BitMap]] | None = None
        self._answers: OrderedDict[Browse, finding.Answer] = OrderedDict()

    @property
    def state(self) -> State:
        """Changes whenever any answer may."""
        return state_of(self._queries.index, self._figures)

    @property
    def is_sample(self) -> bool:
        """Whether the figures are made up."""
        return self._figures.is_sample

    async def sorts(self) -> frozenset[Sort]:
        """The orders that something is known for; a list in any other one is by name."""
        await self._follow()
        return self._tables.sorts

    @property
    def tag(self) -> str:
        """The same as a text that tells apart what different visitors see: for ETags."""
        version, figures = self.state
        return f"{version}-{self._queries.tag}-{figures}"

    # Lists

    async def find(self, asked: Browse | None = None) -> Found[int]:
        """One page of the listings that fit, by their rows, with all facets."""
        asked = asked or Browse()
        size = min(max(1, asked.size), MAX_PAGE_SIZE)
        await self._follow()
        answer = self._answer(asked)
        total = len(answer.rows)
        pages = max(1, -(-total // size))
        page = min(max(1, asked.page), pages)
        rows = answer.rows[(page - 1) * size : page * size].tolist()
        return Found(tuple(rows), total, page, pages, size, finding.sort_of(asked), answer.facets)

    async def browse(self, asked: Browse | None = None) -> Found[Item]:
        """The same with the listings themselves."""
        found = await self.find(asked)
        items = await self._items(found.items)
        return Found(items, found.total, found.page, found.pages, found.size, found.sort, found.facets)

    async def at(self, rows: Iterable[int]) -> dict[int, Item]:
        """Listings by the rows that `find` or `near` just gave; what is gone meanwhile is left out."""
        return await self._kept.of(self._queries.index, rows)

    async def all(self, sort: Sort = "name", *, archived: bool = False) -> list[str]:
        """The references of all listings, for feeds, sitemaps and the site build."""
        await self._follow()
        answer = self._answer(Browse(sort=sort, archived=archived))
        return [self._queries.index.ref(row) for row in answer.rows.tolist()]

    async def updated(self) -> dict[str, str]:
        """The day of the last release of each listing, or else when it was added, as YYYY-MM-DD; by ref."""
        await self._follow()
        return self._days(self._tables.added | self._tables.updated)

    async def dated(self, sort: Literal["new", "updated"], limit: int) -> dict[str, str]:
        """The newest listings, or those last released, with their days: the latest first, no undated ones."""
        await self._follow()
        days = self._tables.added if sort == "new" else self._tables.updated
        rows = sorted(
            (row for row in days if row not in self._tables.archived),
            key=lambda row: (days[row][:10], -self._tables.names[row]),
            reverse=True,
        )
        return self._days({row: days[row] for row in rows[:limit]})

    def _days(self, days: Mapping[int, str]) -> dict[str, str]:
        return {self._queries.index.ref(row): value[:10] for row, value in days.items()}

    async def items(self, refs: Iterable[str]) -> tuple[Item, ...]:
        """Listings in the order of their references; those that are not shown are left out."""
        await self._follow()
        rows = (self._tables.row(ref) for ref in refs)
        return await self._items([row for row in rows if row is not None and row in self._tables.shown])

    # Single ones

    async def listing(self, ref: str) -> Detail | None:
        """A listing with its releases, publisher and collections; None when there is none to be seen."""
        await self._follow()
        row = self._tables.row(ref)
        if row is None:
            return None
        item = (await self.at([row])).get(row)
        if item is None or item.listing.taken_down is not None:
            return None
        listing = item.listing
        holding = tuple(one for one, rows in (await self._all_collections()).values() if row in rows)
        replacement = self._tables.row(listing.replaced_by) if listing.replaced_by else None
        replacing = None if replacement is None else (await self.at([replacement])).get(replacement)
        return Detail(
            listing,
            await self.releases(listing.ref),
            await self._publisher(listing.publisher),
            item.figures,
            holding,
            replacing.listing if replacing else None,
        )

    async def taken_down(self, ref: str) -> str | None:
        """Why a listing is not shown any more; None for what is shown, or was never here."""
        await self._follow()
        row = self._tables.row(ref)
        item = None if row is None else (await self.at([row])).get(row)
        return None if item is None else item.listing.taken_down

    async def releases(self, ref: str) -> tuple[Release, ...]:
        """All releases of a listing, newest first."""
        where = AllOf((RELEASE, OneOf("relations.releaseof", (ref.lower(),))))
        rows = self._queries.rows(where) or EMPTY
        found = [read_release(entity) for entity in await self._bodies(rows)]
        return tuple(
            sorted(
                found,
                key=lambda one: (one.order, one.date.toordinal() if one.date else 0, one.ref),
                reverse=True,
            )
        )

    async def related(self, ref: str, limit: int = 6) -> tuple[Item, ...]:
        """Those it names itself, then those that share most categories and tags with it."""
        return await self._items(await self.near(ref, limit))

    async def near(self, ref: str, limit: int = 6) -> tuple[int, ...]:
        """The same by their rows, as `find` gives them."""
        await self._follow()
        row = self._tables.row(ref)
        if row is None:
            return ()
        named = [target for kind, target in self._queries.index.relations(row) if kind == "relatedTo"]
        rows = [one for target in named if (one := self._tables.row(target)) is not None and one != row]
        nearest = finding.near(self._queries, self._tables, row, limit + len(rows))
        shown = [one for one in dict.fromkeys([*rows, *nearest]) if one in self._tables.shown]
        return tuple(shown[:limit])

    async def compare(self, refs: Sequence[str]) -> tuple[Detail, ...]:
        """Listings side by side, in the order asked; those that are not there are left out."""
        found = [await self.listing(ref) for ref in dict.fromkeys(ref.lower() for ref in refs)]
        return tuple(one for one in found if one is not None)

    async def publisher(self, ref: str) -> PublisherPage | None:
        """A publisher with all its listings, the most popular first."""
        publisher = await self._publisher(ref)
        if publisher is None:
            return None
        await self._follow()
        rows = self._tables.having("relations.publishedby", (publisher.ref,)) - self._tables.archived
        return PublisherPage(publisher, await self._items(self._tables.sorted(rows, "popular").tolist()))

    async def count_publishers(self) -> int:
        await self._follow()
        return len(self._tables.publishers)

    async def publishers(self) -> tuple[Publisher, ...]:
        """All publishers by their titles."""
        rows = self._queries.rows(OneOf("kind", ("publisher",))) or EMPTY
        found = [read_publisher(entity) for entity in await self._bodies(rows)]
        return tuple(sorted(found, key=lambda one: (one.title.casefold(), one.ref)))

    async def collections(self) -> tuple[Collection, ...]:
        """All collections by their titles."""
        await self._follow()
        return tuple(one for one, _ in (await self._all_collections()).values())

    async def collection(self, ref: str) -> CollectionPage | None:
        """A collection with its listings: those it names in its own order, then those its filter chooses."""
        await self._follow()
        known = (await self._all_collections()).get(ref.lower())
        if known is None:
            return None
        collection, rows = known
        named = [(one, member(one, self._tables)) for one in collection.wanted]
        first = [row for _, row in named if row is not None and row in rows]
        rest = self._tables.sorted(rows - BitMap(first), "popular").tolist()
        missing = tuple(one for one, row in named if row is None)
        return CollectionPage(collection, await self._items([*dict.fromkeys(first), *rest]), missing)

    # How

    async def _follow(self) -> None:
        """Start anew when the shelf or the figures changed."""
        while True:
            state = self.state
            if state != self._state:
                self._state = state
                self._tables = Tables(self._queries, self._figures)
                self._answers.clear()
                self._collections = None
            if self._collections is not None:
                return
            await self._all_collections()  # meanwhile the catalog may have changed again

    def _answer(self, asked: Browse) -> finding.Answer:
        key = replace(asked, page=1, size=1)
        known = self._answers.get(key)
        if known is None:
            known = finding.found(self._queries, self._tables, self._collections or {}, key)
            self._answers[key] = known
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        else:
            self._answers.move_to_end(key)
        return known

    async def _all_collections(self) -> dict[str, tuple[Collection, BitMap]]:
        """Every collection with the rows of its members, by reference, in the order of titles."""
        if self._collections is not None:
            return self._collections
        state = self._state
        rows = self._queries.rows(COLLECTION) or EMPTY
        found = [read_collection(entity) for entity in await self._bodies(rows)]
        found.sort(key=lambda one: (one.title.casefold(), one.ref))
        known = {one.ref: (one, members(one, self._tables)) for one in found}
        if state == self._state:
            self._collections = known
        return known

    async def _publisher(self, ref: str) -> Publisher | None:
        row = self._queries.index.row(ref.lower()) if ref else None
        bodies = [] if row is None else await self._bodies([row])
        return read_publisher(bodies[0]) if bodies and ref.lower().startswith("publisher:") else None

    async def _bodies(self, rows: Iterable[int]) -> list[Entity]:
        return [orjson.loads(body) for body in await self._queries.index.bodies(rows) if body is not None]

    async def _items(self, rows: Sequence[int]) -> tuple[Item, ...]:
        found = await self.at(rows)
        return tuple(found[row] for row in rows if row in found)
