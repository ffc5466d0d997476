"""What the shelf works out once for each state of the catalog: who is shown, who is last, who comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.postings import EMPTY, as_bitmap
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, Exists, Not, OneOf
from callboard.marketplace.asked import Sort
from callboard.marketplace.figures import Figures, Ranking
from callboard.marketplace.reading import day

LISTING = OneOf("kind", ("listing",))
RELEASE = OneOf("kind", ("release",))
COLLECTION = OneOf("kind", ("plugincollection",))
PUBLISHER = OneOf("kind", ("publisher",))
SHOWN = AllOf((LISTING, Not(Exists("spec.takendown.reason"))))

Places = NDArray[np.int64]
LAST = np.iinfo(np.int64).max
REMEMBERED = 1024
"""Words whose publishers are remembered."""
_RANKINGS: Mapping[Sort, Ranking] = {
    "popular": "popular",
    "new": "new",
    "trending": "trending",
    "rising": "rising",
    "healthiest": "healthiest",
}


class Tables:
    """Of one visitor's view (`queries`) at one version of the index and of the figures."""

    def __init__(self, queries: Queries, figures: Figures) -> None:
        self._queries = queries
        self._figures = figures
        self._index: Index = queries.index
        rows = queries.rows(SHOWN)
        self.shown: BitMap = BitMap() if rows is None else rows.copy()
        self._width = (self.shown.max() if self.shown else 0) + 1
        self._places: dict[Sort, Places] = {}
        self._titles: dict[str, str] = {}
        self._current: dict[tuple[str, str], NDArray[np.uint32]] = {}
        self._published: dict[str, BitMap] = {}

    def row(self, ref: str) -> int | None:
        """The row of a listing by its reference, shown or taken down; None for anything else."""
        row = self._index.row(ref.lower())
        return row if row is not None and row in (self._queries.rows(LISTING) or EMPTY) else None

    def title_of(self, ref: str) -> str:
        """The title of a publisher, or its name where it has none or cannot be seen."""
        known = self._titles.get(ref)
        if known is None:
            row = self._index.row(ref)
            titles = [] if row is None else self._index.values_of(row, "metadata.title")
            known = self._titles[ref] = titles[0] if titles else ref.rpartition("/")[2]
        return known

    def having(self, key: str, values: Iterable[str]) -> BitMap:
        """The listings with one of these values; case does not count."""
        wanted = tuple(value.lower() for value in values)
        return (self._queries.rows(OneOf(key, wanted)) or EMPTY) & self.shown

    def current(self, key: str, value: str) -> NDArray[np.uint32]:
        """The rows with a value, without archived ones; remembered: each listing asks who is near."""
        known = self._current.get((key, value))
        if known is None:
            rows = self.having(key, (value,)) - self.archived
            known = self._current[key, value] = np.array(rows.to_array(), dtype=np.uint32)
        return known

    @cached_property
    def publishers(self) -> BitMap:
        return (self._queries.rows(PUBLISHER) or EMPTY).copy()

    def published_by(self, word: str, find: Callable[[str], BitMap]) -> BitMap:
        """The listings of the publishers that `find` gives for a word among `publishers`; remembered."""
        known = self._published.get(word)
        if known is None:
            refs = [self._index.ref(row) for row in find(word) & self.publishers]
            known = self.having("relations.publishedby", refs) if refs else EMPTY
            if len(self._published) >= REMEMBERED:
                self._published.clear()
            self._published[word] = known
        return known

    @cached_property
    def archived(self) -> BitMap:
        return self.having("spec.lifecycle", ("archived",))

    @cached_property
    def last(self) -> Places:
        """1 for those that stand behind all others, by row: inactive and archived."""
        behind = self.having("spec.lifecycle", ("inactive", "archived"))
        table = np.zeros(self._width, dtype=np.int64)
        table[behind.to_array()] = 1
        return table

    @cached_property
    def names(self) -> Places:
        """The place of each listing by its title, or its name where it has none; by row."""
        titles: dict[int, str] = {}
        field = self._index.fields.get("metadata.title")
        for value, rows in field.items() if field is not None else ():
            for row in (rows,) if isinstance(rows, int) else rows & self.shown:
                if row in self.shown:
                    titles[row] = value.casefold()
        for row in self.shown:
            if row not in titles:
                titles[row] = self._index.ref(row).rpartition("/")[2]
        table = np.full(self._width, LAST, dtype=np.int64)
        ordered = sorted(titles, key=lambda row: (titles[row], self._index.ref(row)))
        table[ordered] = np.arange(len(ordered))
        return table

    @cached_property
    def ranked(self) -> Places:
        """The place of each listing by popularity, then by title, from 0 without gaps; by row."""
        table = np.zeros(self._width, dtype=np.int64)
        rows = np.frombuffer(self.shown.to_array(), dtype=np.uint32)
        ordered = rows[np.lexsort((self.names[rows], self.places("popular")[rows]))]
        table[ordered] = np.arange(len(ordered))
        return table

    @cached_property
    def updated(self) -> dict[int, str]:
        """The day of the newest release, by the row of its listing: as the release says, else as is known.

        Sample numbers count for nothing here: feeds and sitemaps tell others.
        """
        told = self._told | self._released
        return told if self._figures.is_sample else self._measured | told

    @cached_property
    def _told(self) -> dict[int, str]:
        """When the newest version was published, as the intake of directories found out."""
        return self._days("spec.lifecyclefrom.newest")

    @cached_property
    def _measured(self) -> dict[int, str]:
        """The same as the figures know it."""
        found = {}
        for row in self.shown:
            known = self._figures.of(self._index.ref(row))
            if known is not None and known.last_release is not None:
                found[row] = known.last_release.isoformat()
        return found

    @cached_property
    def _released(self) -> dict[int, str]:
        """The day of the newest release that is not yanked, where releases have one."""
        releases = self._queries.rows(
            AllOf((RELEASE, Not(Exists("spec.yanked.at")), Not(Exists("spec.yanked.reason"))))
        )
        fields = self._index.fields
        dates, listings = fields.get("spec.date"), fields.get("relations.releaseof")
        if not releases or dates is None or listings is None:
            return {}
        of_release: dict[int, str] = {}
        for value, rows in dates.items():
            if day(value) is not None:
                of_release.update(dict.fromkeys(as_bitmap(rows) & releases, value))
        newest: dict[int, str] = {}
        for ref, rows in listings.items():
            row = self._index.row(ref)
            known = [of_release[one] for one in as_bitmap(rows) if one in of_release]
            if row is not None and row in self.shown and known:
                newest[row] = max(known)
        return newest

    @cached_property
    def added(self) -> dict[int, str]:
        return self._days("spec.added")

    def _days(self, key: str) -> dict[int, str]:
        """What a field says for each listing, where that is a day."""
        field = self._index.fields.get(key)
        found: dict[int, str] = {}
        for value, rows in field.items() if field is not None else ():
            if day(value) is not None:
                found.update(dict.fromkeys(as_bitmap(rows) & self.shown, value))
        return found

    @cached_property
    def sorts(self) -> frozenset[Sort]:
        """The orders that say something: of the others nothing is known, so they would be by name."""
        found: set[Sort] = {"name"}
        found.update(sort for sort, name in _RANKINGS.items() if self._figures.ranking(name))
        if self.added:
            found.add("new")
        if self.updated or self._measured:
            found.add("updated")
        return frozenset(found)

    def places(self, sort: Sort) -> Places:
        """What to sort by, smallest first, by row; listings of which nothing is known are equal and last."""
        known = self._places.get(sort)
        if known is None:
            known = self._places[sort] = self._placed(sort)
        return known

    def _placed(self, sort: Sort) -> Places:
        if sort == "name":
            return self.names
        if sort == "updated":
            return self._by_day(self._measured | self.updated)
        if sort == "new" and not self._figures.ranking("new"):
            return self._by_day(self.added)
        table = np.full(self._width, LAST, dtype=np.int64)
        for place, ref in enumerate(self._figures.ranking(_RANKINGS.get(sort, "popular"))):
            row = self._index.row(ref)
            if row is not None and row in self.shown:
                table[row] = place
        return table

    def _by_day(self, days: Mapping[int, str]) -> Places:
        table = np.full(self._width, LAST, dtype=np.int64)
        for row, value in days.items():
            found = day(value)
            assert found is not None
            table[row] = date.max.toordinal() - found.toordinal()
        return table

    def sorted(self, rows: BitMap, sort: Sort, scores: Places | None = None) -> NDArray[np.uint32]:
        """The rows in the order of a sort; by `scores` first where they are given, the highest first."""
        among = np.frombuffer(rows.to_array(), dtype=np.uint32)
        if not len(among):
            return among
        keys = [self.names[among], self.places(sort)[among]]
        if scores is not None:
            keys.append(-scores[among])
        # Days say by themselves what nobody looks after, and no day comes after every day.
        keys.insert(1 if sort == "updated" else len(keys), self.last[among])
        return among[np.lexsort(keys)]

    @property
    def width(self) -> int:
        return self._width
