"""Makes the page on which two or three listings stand side by side, and on which one chooses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from callboard.marketplace.site import shown
from callboard.marketplace.site.asked import Asked
from callboard.marketplace.site.charts import short
from callboard.marketplace.site.links import path_of
from callboard.marketplace.site.made import Made
from callboard.marketplace.site.prose import line
from callboard.marketplace.site.shop import Shop
from callboard.web.language import translated as _

MOST = 3
CHOICES = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A listing that is compared, and the address of the page without it."""

    one: shown.Detail
    without: str


@dataclass(frozen=True, slots=True)
class Option:
    """A listing that may be compared as well, and the address of the page with it."""

    card: shown.Card
    added: str


async def compare(shop: Shop, refs: Sequence[str], term: str = "") -> Made:
    """Listings side by side; those found for `term` can be added, or else related and popular ones."""
    found = [await shop.detail(ref) for ref in dict.fromkeys(refs[:MOST])]
    ones = [one for one in found if one is not None]
    chosen = [one.card.ref for one in ones]
    columns = [
        Column(one, shop.links.compare([ref for ref in chosen if ref != one.card.ref])) for one in ones
    ]
    options: list[Option] = []
    if len(ones) < MOST:
        cards = {card.ref: card for card in await _offered(shop, ones, term) if card.ref not in chosen}
        options = [
            Option(card, shop.links.compare([*chosen, card.ref])) for card in list(cards.values())[:CHOICES]
        ]
    title = line(" / ".join(one.card.title for one in ones), 100)
    return Made(
        "market/compare.html",
        f"{_('Compare')}: {title}" if title else _("Compare"),
        _("Two or three listings side by side."),
        shop.links.compare(chosen),
        {
            "columns": columns,
            "options": options,
            "rows": _rows(ones),
            "chosen": [path_of(ref) for ref in chosen],
            "full": len(ones) == MOST,
            "term": term,
            "sample": shop.is_sample([one.card for one in ones]),
            "short": short,
        },
        indexed=False,
    )


def built(shop: Shop) -> Made:
    """The page of the built site, on which the browser puts side by side what `compared` left in listings."""
    return Made(
        "market/compare.html",
        _("Compare"),
        _("Two or three listings side by side."),
        shop.links.compare([]),
        {
            "rows": [name for name, _value in _ROWS],
            "chosen": (),
            "term": "",
            "sample": shop.shelf.is_sample,
        },
        indexed=False,
    )


def compared(one: shown.Detail) -> Mapping[str, Sequence[str] | str]:
    """A listing as a column of the built site's comparison: its title, and a value for each row."""
    return {"title": one.card.title, "values": [value(one) for _name, value in _ROWS]}


async def _offered(shop: Shop, ones: Sequence[shown.Detail], term: str) -> list[shown.Card]:
    if term:
        return list((await shop.found(Asked(term=term))).cards)
    related = [card for one in ones for card in one.related]
    return related + list((await shop.found(Asked())).cards)


def _rows(ones: Sequence[shown.Detail]) -> list[tuple[str, list[str]]]:
    """What is known of each, without the rows of which nothing is known for any."""
    rows = [(name, [value(one) for one in ones]) for name, value in _ROWS]
    return [(name, values) for name, values in rows if any(values)]


def _health(one: shown.Detail) -> str:
    return "" if one.card.health is None else str(one.card.health)


def _contact(one: shown.Detail) -> str:
    return one.support_contact.title if one.support_contact else ""


_ROWS: tuple[tuple[str, Callable[[shown.Detail], str]], ...] = (
    ("Summary", lambda one: one.card.summary),
    ("Publisher", lambda one: one.card.maker.name if one.card.maker else ""),
    ("Works with", lambda one: "; ".join(one.hosts)),
    ("Newest version", lambda one: one.version),
    ("Last release", lambda one: one.updated),
    ("Lifecycle", lambda one: one.card.lifecycle),
    ("License", lambda one: one.license),
    ("Price", lambda one: one.price_text),
    ("Support by", lambda one: one.support),
    ("Level of support", lambda one: one.support_level),
    ("Contact", _contact),
    ("Downloads in 30 days", lambda one: short(one.card.downloads)),
    ("Health, of 100", _health),
    ("Categories", lambda one: ", ".join(one.card.categories)),
    ("Asks for", lambda one: ", ".join(ask.name for ask in one.asks)),
    ("Adds", lambda one: "; ".join(group.title for group in one.contributions)),
)
