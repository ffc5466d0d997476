"""What a visitor asks of the list of listings: words, facets, order, page; from and to URLs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote_plus

from callboard.marketplace.asked import Browse, Sort

SORTS: tuple[tuple[Sort, str], ...] = (
    ("relevance", "Relevance"),
    ("popular", "Popular"),
    ("trending", "Trending"),
    ("new", "Newest"),
    ("updated", "Recently updated"),
    ("healthiest", "Healthiest"),
    ("name", "Name"),
)
FACETS = (
    "category",
    "publisher",
    "support",
    "host",
    "lifecycle",
    "price",
    "license",
    "type",
    "tag",
    "collection",
)
"""The facets as URLs name them: the fields of `Browse`."""
PER_PAGE = 24
MAX_PAGE = 1000
_MAX_TERM, _MAX_VALUE, _MAX_VALUES = 100, 100, 10
_SORT_NAMES: dict[str, Sort] = {name: name for name, _ in SORTS}


_quoted = lru_cache(4096)(quote_plus)  # a page has a hundred links of the same few values


@dataclass(frozen=True, slots=True)
class Asked:
    """`chosen` are pairs of facet and value in a fixed order; values of one facet mean "or"."""

    term: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    sort: Sort | None = None
    page: int = 1

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Asked:
        """From the pairs of a query string; what is not understood is left aside."""
        term, sort, page = "", None, 1
        chosen: set[tuple[str, str]] = set()
        for name, value in pairs:
            if name == "q":
                term = " ".join(value[:_MAX_TERM].split())
            elif name in FACETS and value and len(value) <= _MAX_VALUE:
                chosen.add((name, value))
            elif name == "sort":
                sort = _SORT_NAMES.get(value)
            elif name == "page" and value.isascii() and value.isdigit() and len(value) < 6:
                page = min(max(1, int(value)), MAX_PAGE)
        return cls(term, tuple(sorted(chosen)[:_MAX_VALUES]), sort, page)

    @property
    def question(self) -> Browse:
        """What the shelf is asked."""
        asked = Browse(text=self.term, sort=self.order, page=self.page, size=PER_PAGE)
        chosen = {name: self.values(name) for name, _ in self.chosen}
        return replace(asked, **chosen)  # type: ignore[arg-type]  # the facets are fields that hold texts

    @property
    def order(self) -> Sort:
        """Relevance where there is something to be relevant to, else popularity, unless one was chosen."""
        fitting = self.sort if self.sort != "relevance" or self.term else None
        return fitting or ("relevance" if self.term else "popular")

    def values(self, facet: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.chosen if name == facet)

    def toggled(self, facet: str, value: str) -> Asked:
        """With the value when it was not chosen, without it when it was; from the first page."""
        pair = (facet, value)
        kept = [one for one in self.chosen if one != pair]
        # Not by `replace`: a page asks for sixty of these.
        return Asked(self.term, tuple(sorted(kept if pair in self.chosen else [*kept, pair])), self.sort)

    def adding(self, facet: str) -> Callable[[str], str] | None:
        """Gives the query with a further value of a facet, fast; None where one of the facet is chosen."""
        if self.values(facet):
            return None
        # The new pair stands among the others by its facet alone, so only its value has to be written.
        before = Asked(self.term, tuple(one for one in self.chosen if one[0] < facet)).query
        after = Asked("", tuple(one for one in self.chosen if one[0] > facet), self.sort).query
        head = f"{before}&{facet}=" if before else f"?{facet}="
        tail = after.replace("?", "&", 1)
        return lambda value: f"{head}{_quoted(value)}{tail}"

    def sorted_by(self, sort: Sort) -> Asked:
        return replace(self, sort=sort, page=1)

    def at(self, page: int) -> Asked:
        return replace(self, page=page)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query of the URL, always in the same order, without what goes without saying."""
        found = [("q", self.term)] if self.term else []
        found += self.chosen
        if self.sort is not None:
            found.append(("sort", self.sort))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    @property
    def query(self) -> str:
        """`?…`, or nothing."""
        pairs = self.pairs
        return "?" + "&".join(f"{name}={_quoted(value)}" for name, value in pairs) if pairs else ""

    @property
    def plain(self) -> bool:
        """Whether it is a page worth finding in a search engine: no words and one facet at most."""
        return not self.term and len(self.chosen) <= 1
