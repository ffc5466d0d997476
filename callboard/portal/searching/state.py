"""What the address of the search page asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from callboard.search import SearchRequest
from callboard.web.shapes import whole_number

FILTERS = ("kind", "type", "owner", "lifecycle")
PAGE = 20
MAX_TERM = 100
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class State:
    """`filters` map a name of `FILTERS` to the chosen values; `page` counts from 0."""

    term: str
    filters: Mapping[str, tuple[str, ...]]
    types: tuple[str, ...] = ()
    page: int = 0

    def request(self) -> SearchRequest:
        facets = ("types", *FILTERS)
        return SearchRequest(self.term, self.types, self.filters, self.page * PAGE, PAGE, facets)

    def address(self, *, page: int = 0, term: str | None = None) -> str:
        """The page that shows the same with another page or term."""
        pairs = [("term", self.term if term is None else term)]
        pairs += [("types", one) for one in self.types]
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        if page:
            pairs.append(("page", str(page)))
        return f"/search?{urlencode(pairs)}"


def read_state(pairs: Iterable[tuple[str, str]]) -> State:
    """From the pairs of a query string; what is not understood is left out, so that old links work."""
    term, page = "", 0
    types: list[str] = []
    filters: dict[str, list[str]] = {}
    for name, value in pairs:
        if name == "term":
            term = value[:MAX_TERM]
        elif name == "page":
            page = min(whole_number(value) or 0, MAX_PAGE)
        elif name == "types" and value:
            types.append(value)
        elif name in FILTERS and value:
            filters.setdefault(name, []).append(value)
    return State(term, {name: tuple(values) for name, values in filters.items()}, tuple(types), page)
