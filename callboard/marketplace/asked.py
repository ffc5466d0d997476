"""What can be asked of the shelf, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, get_args

from callboard.marketplace.figures import ListingFigures
from callboard.marketplace.model import Collection, Listing, Publisher, Release, installable

Sort = Literal["relevance", "popular", "trending", "rising", "new", "updated", "healthiest", "name"]
SORTS: tuple[Sort, ...] = get_args(Sort)

PAGE_SIZE = 24
MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Browse:
    """A question. Values of one field are alternatives; fields add up. `page` counts from 1.

    `publisher` and `collection` are references, or names in the namespace `default`. `host` is backstage or
    callboard. `lifecycle` may name archived, which is not shown otherwise.
    """

    text: str = ""
    category: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    lifecycle: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    license: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    collection: tuple[str, ...] = ()
    sort: Sort = "relevance"
    page: int = 1
    size: int = PAGE_SIZE
    archived: bool = False


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`value` is what `Browse` takes, `title` what people read; `chosen` when the question named it."""

    value: str
    title: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is the field of `Browse`. Values are counted with all other filters applied, most first."""

    name: str
    title: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A listing in a list, with its numbers."""

    listing: Listing
    figures: ListingFigures | None


One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Found(Generic[One]):
    """One page of an answer. `sort` is what it is sorted by; `pages` is at least 1.

    `items` are listings, or only their rows, which hold until the shelf changes.
    """

    items: tuple[One, ...]
    total: int
    page: int
    pages: int
    size: int
    sort: Sort
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """A listing with all that belongs to it. `releases` are newest first, of all its packages together."""

    listing: Listing
    releases: tuple[Release, ...]
    publisher: Publisher | None
    figures: ListingFigures | None
    collections: tuple[Collection, ...]
    replaced_by: Listing | None

    @property
    def latest(self) -> Release | None:
        """The newest release that can be installed, a pre-release only when there is nothing else."""
        return installable(self.releases)


@dataclass(frozen=True, slots=True)
class PublisherPage:
    publisher: Publisher
    listings: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class CollectionPage:
    """`missing` are references that the collection names and that are not there."""

    collection: Collection
    listings: tuple[Item, ...]
    missing: tuple[str, ...] = ()
