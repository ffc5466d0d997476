"""The shelf: everything pages ask of the Marketplace, as one visitor may see it.

Questions are answered from the read index; only the entities that are shown are parsed. What a question gave
is remembered until the catalog or the figures change.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import orjson
from numpy.typing import NDArray
from pyroaring import BitMap

from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, OneOf
from callboard.marketplace import facets, words
from callboard.marketplace.asked import (
    MAX_PAGE_SIZE,
    Browse,
    CollectionPage,
    Detail,
    Facet,
    Item,
    PublisherPage,
    Shown,
    Sort,
)
from callboard.marketplace.figures import Figures, ListingFigures, NoFigures
from callboard.marketplace.model import (
    Collection,
    Entity,
    Publisher,
    Release,
    read_collection,
    read_listing,
    read_publisher,
    read_release,
)
from callboard.marketplace.tables import COLLECTION, LISTING, RELEASE, Tables

REMEMBERED = 512
READ_KEPT = 2048
"""Listings that are kept as they were read."""
KEPT = 256
"""Views of the catalog whose shelf is kept; each costs little beyond its last answers."""
_FILTER_KEYS = {
    "tags": ("metadata.tags",),
    "categories": ("spec.categories",),
    "category": ("spec.categories",),
    "name": ("metadata.name",),
    "authors": ("spec.authors.name", "metadata.annotations.callboard.io/publisher-title"),
    "author": ("spec.authors.name", "metadata.annotations.callboard.io/publisher-title"),
    "publisher": ("metadata.annotations.callboard.io/publisher-title", "relations.publishedby"),
    "level": ("spec.support.level",),
    "provider": ("spec.support.provider",),
    "support": ("spec.support.level",),
    "lifecycle": ("spec.lifecycle",),
    "license": ("spec.license",),
}
"""What the last known word in a key of a collection's filter means on a listing."""


class Shelves:
    """Gives each visitor their shelf; visitors who see the same share one."""

    def __init__(self, figures: Figures | None = None) -> None:
        self.figures = figures or NoFigures()
        self._known: OrderedDict[Queries, Shelf] = OrderedDict()

    def of(self, queries: Queries) -> Shelf:
        """The shelf of the visitor who may ask these questions (see `Visibility.queries_for`)."""
        known = self._known.get(queries)
        if known is None:
            known = self._known[queries] = Shelf(queries, self.figures)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(queries)
        return known


@dataclass(frozen=True, slots=True)
class _Answer:
    rows: NDArray[np.uint32]
    facets: tuple[Facet, ...]


class Shelf:
    """Of one visitor. References may be written in any case."""

    def __init__(self, queries: Queries, figures: Figures) -> None:
        self._queries = queries
        self._figures = figures
        self._state: tuple[int, str] = (-1, "")
        self._tables: Tables
        self._collections: dict[str, tuple[Collection, BitMap]] | None = None
        self._answers: OrderedDict[Browse, _Answer] = OrderedDict()
        self._read: dict[int, Item] = {}

    @property
    def tag(self) -> str:
        """Changes whenever any answer may: for ETags."""
        return f"{self._queries.index.version}-{self._queries.tag}-{self._figures.version}"

    # Lists

    async def browse(self, asked: Browse | None = None) -> Shown:
        """One page of the listings that fit, with all facets."""
        asked = asked or Browse()
        size = min(max(1, asked.size), MAX_PAGE_SIZE)
        await self._follow()
        answer = self._answer(asked)
        total = len(answer.rows)
        pages = max(1, -(-total // size))
        page = min(max(1, asked.page), pages)
        rows = answer.rows[(page - 1) * size : page * size].tolist()
        items = await self._items(rows)
        return Shown(items, total, page, pages, size, _sort(asked), answer.facets)

    async def all(self, sort: Sort = "name", *, archived: bool = False) -> list[str]:
        """The references of all listings, for feeds, sitemaps and the site build."""
        await self._follow()
        answer = self._answer(Browse(sort=sort, archived=archived))
        return [self._queries.index.ref(row) for row in answer.rows.tolist()]

    async def items(self, refs: Iterable[str]) -> tuple[Item, ...]:
        """Listings in the order of their references; those that are not shown are left out."""
        await self._follow()
        rows = (self._queries.index.row(ref.lower()) for ref in refs)
        return await self._items([row for row in rows if row is not None and row in self._tables.shown])

    # Single ones

    async def listing(self, ref: str) -> Detail | None:
        """A listing with its releases, publisher and collections; None when there is none to be seen."""
        await self._follow()
        row = self._row(ref)
        if row is None:
            return None
        listing = read_listing((await self._bodies([row]))[0])
        if listing.taken_down is not None:
            return None
        holding = tuple(one for one, rows in (await self._all_collections()).values() if row in rows)
        replacement = self._row(listing.replaced_by) if listing.replaced_by else None
        return Detail(
            listing,
            await self.releases(listing.ref),
            await self._publisher(listing.publisher),
            self.figures_of(listing.ref),
            holding,
            None if replacement is None else read_listing((await self._bodies([replacement]))[0]),
        )

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
        await self._follow()
        row = self._row(ref)
        if row is None:
            return ()
        index = self._queries.index
        named = [target for kind, target in index.relations(row) if kind == "relatedTo"]
        rows = [one for target in named if (one := self._row(target)) is not None and one != row]
        overlap = np.zeros(self._tables.width, dtype=np.int64)
        for key, weight in (("spec.categories", 3), ("metadata.tags", 2)):
            for value in index.values_of(row, key):
                near_by = self._tables.having(key, (value,)) - self._tables.archived
                overlap[near_by.to_array()] += weight
        overlap[row] = 0
        near: list[int] = []
        among = np.flatnonzero(overlap)
        if len(among) > limit:  # only those that may come first have to be sorted
            least = np.partition(overlap[among], -limit)[-limit]
            among = among[overlap[among] >= least]
        if len(among):
            keys = (self._tables.names[among], self._tables.places("popular")[among], -overlap[among])
            near = among[np.lexsort(keys)][: limit + 1].tolist()
        shown = [one for one in dict.fromkeys([*rows, *near]) if one in self._tables.shown]
        return await self._items(shown[:limit])

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
        named = [(one, self._member(one)) for one in collection.wanted]
        first = [row for _, row in named if row is not None and row in rows]
        rest = self._tables.sorted(rows - BitMap(first), "popular").tolist()
        missing = tuple(one for one, row in named if row is None)
        return CollectionPage(collection, await self._items([*dict.fromkeys(first), *rest]), missing)

    def figures_of(self, ref: str) -> ListingFigures | None:
        """The numbers of a listing."""
        return self._figures.of(ref.lower())

    # How

    async def _follow(self) -> None:
        """Start anew when the catalog or the figures changed."""
        while True:
            state = self._queries.index.version, self._figures.version
            if state != self._state:
                self._state = state
                self._tables = Tables(self._queries, self._figures)
                self._answers.clear()
                self._read.clear()
                self._collections = None
            if self._collections is not None:
                return
            await self._all_collections()  # meanwhile the catalog may have changed again

    def _answer(self, asked: Browse) -> _Answer:
        key = replace(asked, page=1, size=1)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._found(key)
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        else:
            self._answers.move_to_end(key)
        return known

    def _found(self, asked: Browse) -> _Answer:
        tables, index = self._tables, self._queries.index
        collections = self._collections or {}
        base, scores = (
            (tables.shown, None) if not asked.text.strip() else words.find(index, tables, asked.text)
        )
        allowed = facets.filters(
            asked, tables, lambda ref: collections[ref][1] if ref in collections else EMPTY
        )
        rows = base
        for let_through in allowed.values():
            rows = rows & let_through
        if not asked.archived and "lifecycle" not in allowed:
            rows = rows - tables.archived
        sort = _sort(asked)
        ordered = tables.sorted(rows, sort, scores if sort == "relevance" else None)
        titled = {ref: (one.title, members) for ref, (one, members) in collections.items()}
        counted = facets.count(
            self._queries, asked, base, allowed=allowed, archived=tables.archived, collections=titled
        )
        return _Answer(ordered, counted)

    async def _all_collections(self) -> dict[str, tuple[Collection, BitMap]]:
        """Every collection with the rows of its members, by reference, in the order of titles."""
        if self._collections is not None:
            return self._collections
        state = self._state
        rows = self._queries.rows(COLLECTION) or EMPTY
        found = [read_collection(entity) for entity in await self._bodies(rows)]
        found.sort(key=lambda one: (one.title.casefold(), one.ref))
        known = {one.ref: (one, self._members(one)) for one in found}
        if state == self._state:
            self._collections = known
        return known

    def _members(self, collection: Collection) -> BitMap:
        rows = BitMap(row for ref in collection.wanted if (row := self._member(ref)) is not None)
        if collection.filter:
            chosen = self._tables.shown - self._tables.archived
            for key, values in collection.filter:
                chosen = chosen & self._filtered(key, values)
            rows |= chosen
        return rows & self._tables.shown

    def _filtered(self, key: str, values: tuple[str, ...]) -> BitMap:
        """What one key of a filter lets through. Keys name fields of the kind Plugin; listings differ."""
        known = next((part for part in reversed(key.lower().split(".")) if part in _FILTER_KEYS), None)
        if known == "name" and "author" in key.lower():
            known = "authors"
        keys = _FILTER_KEYS[known] if known else (key.lower(), f"spec.{key.lower()}")
        return BitMap.union(BitMap(), *(self._tables.having(one, values) for one in keys))

    def _member(self, ref: str) -> int | None:
        """A listing that a collection names: as written, else of this name anywhere if it is the only one."""
        row = self._row(ref if ref.startswith("listing:") else f"listing:{ref.partition(':')[2]}")
        if row is not None:
            return row
        named = self._tables.having("metadata.name", (ref.rpartition("/")[2],))
        return named[0] if len(named) == 1 else None

    async def _publisher(self, ref: str) -> Publisher | None:
        row = self._queries.index.row(ref.lower()) if ref else None
        bodies = [] if row is None else await self._bodies([row])
        return read_publisher(bodies[0]) if bodies and ref.lower().startswith("publisher:") else None

    def _row(self, ref: str) -> int | None:
        row = self._queries.index.row(ref.lower())
        return row if row is not None and row in (self._queries.rows(LISTING) or EMPTY) else None

    async def _bodies(self, rows: Iterable[int]) -> list[Entity]:
        return [orjson.loads(body) for body in await self._queries.index.bodies(rows) if body is not None]

    async def _items(self, rows: Sequence[int]) -> tuple[Item, ...]:
        """Listings by their rows; those that were read lately are not read again."""
        state = self._state
        known = dict(self._read)
        missing = [row for row in rows if row not in known]
        for row, body in zip(missing, await self._queries.index.bodies(missing), strict=True):
            if body is not None:
                one = read_listing(orjson.loads(body))
                known[row] = Item(one, self._figures.of(one.ref))
        if missing and state == self._state:
            self._read = (
                known if len(known) <= READ_KEPT else {row: known[row] for row in rows if row in known}
            )
        return tuple(known[row] for row in rows if row in known)


def _sort(asked: Browse) -> Sort:
    """Without words to find, relevance is popularity."""
    return "popular" if asked.sort == "relevance" and not asked.text.strip() else asked.sort
