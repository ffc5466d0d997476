"""The shelf as the pages ask it: every answer is what templates show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from markupsafe import escape

from callboard.catalog.index import Index
from callboard.marketplace import asked as shelf_asked
from callboard.marketplace.model import Listing
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.site import showing, shown
from callboard.marketplace.site.asked import FACETS, Asked
from callboard.marketplace.site.content import Content
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.prose import line, prose, said

FACET_VALUES = 12
FEWER_VALUES = 6
"""Of tags, licenses and collections: there are many, and each says little."""
REST, MOST_CATEGORIES = 30, 1000
"""Further values of a facet, which are opened; who wants yet another one searches."""
BUILT_FACETS = ("category",)
"""The built site has lists of these only."""
RELATED = 4


class Cards:
    """Cards by their rows, of one state of the shelf: most pages show cards that other pages have shown.

    For one shelf and one kind of links only. A card with its HTML takes some 3 KB.
    """

    most = 20_000

    def __init__(self) -> None:
        self._state: object = None
        self._known: dict[int, shown.Card] = {}

    def of(self, state: object) -> dict[int, shown.Card]:
        """Those of this state, to be added to."""
        if state != self._state:
            self._state, self._known = state, {}
        return self._known


@dataclass(frozen=True, slots=True)
class Shop:
    """`index` and `shelf` are those of one visitor; `today` decides what is new.

    `kept` is for shelves that many look at.
    """

    shelf: Shelf
    index: Index
    content: Content
    links: Links
    title: str
    today: date
    kept: Cards | None = None
    taken_down: Callable[[str], str] = lambda _: ""
    """Why a listing is not shown any more, for those who are not shown it at all; else empty."""

    def maker(self, listing: Listing) -> shown.Maker | None:
        """Who published a listing. Its mark is that of the publisher's entity, and community without one."""
        ref, name, mark = listing.publisher, listing.publisher_title, "community"
        row = self.index.row(ref) if ref else None
        if row is not None:
            titles = self.index.values_of(row, "metadata.title")
            types = [one.lower() for one in self.index.values_of(row, "spec.type")]
            name = titles[0] if titles else name
            mark = next((one for one in types if one in showing.MARKS), mark)
        if not name:
            return None
        return shown.Maker(ref, line(name, 80), self.links.publisher(ref) if row is not None else "", mark)

    def is_sample(self, cards: Iterable[shown.Card]) -> bool:
        """Whether some of these cards show numbers that are made up."""
        return self.shelf.is_sample and any(
            one.downloads is not None or one.health is not None for one in cards
        )

    def card(self, item: shelf_asked.Item) -> shown.Card:
        return showing.card_of(item, self.maker(item.listing), self.links, self.today)

    def cards(self, items: Iterable[shelf_asked.Item]) -> tuple[shown.Card, ...]:
        return tuple(self.card(one) for one in items)

    async def found(self, asked: Asked) -> shown.Found:
        """One page of the list of listings, with its facets."""
        answer = await self.shelf.find(asked.question)
        cards = await self.cards_at(answer.items)
        wanted = BUILT_FACETS if self.links.built else FACETS
        facets = [self._facet(one, asked) for one in answer.facets if one.name in wanted]
        return shown.Found(
            cards,
            answer.total,
            tuple(one for one in facets if len(one.choices) > 1 or any(two.chosen for two in one.choices)),
            answer.page,
            answer.pages,
        )

    async def cards_at(self, rows: Sequence[int]) -> tuple[shown.Card, ...]:
        """The cards of the rows that the shelf just gave; of what is gone meanwhile there is none."""
        known = {} if self.kept is None else self.kept.of((self.shelf.state, self.today))
        missing = [row for row in rows if row not in known]
        for row, item in (await self.shelf.at(missing)).items() if missing else ():
            known[row] = self.card(item)
        found = tuple(known[row] for row in rows if row in known)
        while len(known) > Cards.most:
            del known[next(iter(known))]
        return found

    async def detail(self, ref: str) -> shown.Detail | None:
        """Everything on the page of a listing; None where there is none to be seen."""
        found = await self.shelf.listing(ref)
        if found is None:
            return None
        related = await self.cards_at(await self.shelf.near(ref, RELATED))
        card = self.card(shelf_asked.Item(found.listing, found.figures))
        return showing.detail_of(found, card, related, self.links)

    async def why_gone(self, ref: str) -> str:
        """Why a listing was taken down; empty for what was not."""
        return line(await self.shelf.taken_down(ref) or self.taken_down(ref), 300)

    async def published(self, ref: str, most: int) -> shown.Published | None:
        """A publisher with its first listings."""
        found = await self.shelf.publisher(ref)
        if found is None:
            return None
        one = found.publisher
        title = line(one.title, 100)
        return shown.Published(
            shown.Maker(one.ref, title, self.links.publisher(one.ref), showing.mark_of(one)),
            said(one.summary, 300),
            prose(one.about, 1),
            one.url,
            tuple((line(two.name, 253), two.verified_at[:10]) for two in one.domains if two.verified_at),
            line(one.contact, 200),
            self.cards(found.listings[:most]),
            len(found.listings),
            showing.icon_of("", title),
        )

    async def collected(self, ref: str) -> shown.Collected | None:
        """A collection with its listings."""
        found = await self.shelf.collection(ref)
        if found is None:
            return None
        one = found.collection
        return shown.Collected(
            one.ref,
            self.links.collection(one.ref),
            line(one.title, 100),
            said(one.summary, 300),
            prose(""),
            self.cards(found.listings),
            len(found.listings),
        )

    async def collections(self, most: int) -> Sequence[shown.Collected]:
        """The first collections that hold something."""
        found = []
        for one in await self.shelf.collections():
            made = await self.collected(one.ref)
            if made is not None and made.count:
                found.append(made)
            if len(found) == most:
                break
        return found

    def _facet(self, facet: shelf_asked.Facet, asked: Asked) -> shown.Facet:
        values = [one for one in facet.values if one.count or one.chosen]
        most = FEWER_VALUES if facet.name in ("tag", "license", "collection") else FACET_VALUES
        first = [one for at, one in enumerate(values) if at < most or one.chosen]
        rest = [one for one in values[most:] if not one.chosen][
            : MOST_CATEGORIES if self.links.built else REST
        ]
        path_of = self._paths(facet.name, asked)
        return shown.Facet(
            facet.name,
            facet.title,
            tuple(_choice(one, path_of(one.value)) for one in first),
            tuple(_choice(one, path_of(one.value)) for one in rest),
            len(values) - len(first) - len(rest),
        )

    def _paths(self, facet: str, asked: Asked) -> Callable[[str], str]:
        """The address of the list with a value of a facet chosen, or not chosen any more."""
        adding = None if self.links.built else asked.adding(facet)
        if adding is not None:
            root = self.links.browse()
            return lambda value: root + adding(value)
        chosen = asked.values(facet)
        return lambda value: self.links.browse(asked.toggled(facet, _as_asked(value, chosen)))


_label = lru_cache(4096)(lambda title: escape(line(title, 60)))  # a page has a hundred, always the same


def _choice(one: shelf_asked.FacetValue, path: str) -> shown.Choice:
    return shown.Choice(one.value, _label(one.title), one.count, one.chosen, path)


def _as_asked(value: str, chosen: Sequence[str]) -> str:
    """The value as the URL wrote it, so that choosing it again takes it away."""
    return next((one for one in chosen if one.lower() == value.lower()), value)
