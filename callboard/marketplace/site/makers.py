"""Makes each page of the Marketplace from the shelf. No page here knows where it will be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callboard.marketplace.site import shown
from callboard.marketplace.site.asked import SORTS, Asked
from callboard.marketplace.site.badges import BADGES
from callboard.marketplace.site.charts import short
from callboard.marketplace.site.jsonld import listing_data, site_data
from callboard.marketplace.site.links import ROOT, path_of
from callboard.marketplace.site.made import Made
from callboard.marketplace.site.prose import line
from callboard.marketplace.site.shop import Shop
from callboard.web.language import translated as _

ROW = 8
PUBLISHER_CARDS = 48
MOST_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Home:
    """What the front page shows."""

    total: int
    publishers: int
    categories: Sequence[shown.Choice]
    collections: Sequence[shown.Collected]
    popular: Sequence[shown.Card]
    trending: Sequence[shown.Card]
    new: Sequence[shown.Card]
    new_path: str
    trending_path: str
    measured: bool
    sample: bool


async def home(shop: Shop) -> Made:
    """The front of the Marketplace."""
    found = await shop.found(Asked())
    facets = {one.name: one.choices for one in found.facets}
    makers = next((one for one in found.facets if one.name == "publisher"), None)
    newest = await shop.found(Asked(sort="new"))
    trending = await shop.found(Asked(sort="trending"))
    front = Home(
        total=found.total,
        publishers=len(makers.choices) + makers.more if makers else 1 if found.total else 0,
        categories=facets.get("category", ()),
        collections=await shop.collections(6),
        popular=found.cards[:ROW],
        trending=trending.cards[:ROW],
        new=newest.cards[:ROW],
        new_path=shop.links.browse(Asked(sort="new")),
        trending_path=shop.links.browse(Asked(sort="trending")),
        measured=any(card.downloads is not None for card in found.cards),
        sample=shop.shelf.is_sample,
    )
    description = _("A directory of plugins for Callboard and Backstage, with what each adds and asks for.")
    data = site_data(shop.title, shop.links) if shop.links.base else None
    return Made(
        "market/home.html", _("Marketplace"), description, ROOT, {"home": front, "short": short}, data=data
    )


async def browse(shop: Shop, asked: Asked) -> Made:
    """The list of all listings, as asked for."""
    found = await shop.found(asked)
    asked = asked.at(found.page)
    sorts = [
        (name, text, shop.links.browse(asked.sorted_by(name)), name == asked.order)
        for name, text in SORTS
        if (name != "relevance" or asked.term) and not (name == "relevance" and shop.links.built)
    ]
    pages = min(found.pages, shop.links.most_pages(asked))
    before = shop.links.browse(asked.at(found.page - 1)) if found.page > 1 else ""
    after = shop.links.browse(asked.at(found.page + 1)) if found.page < pages else ""
    categories = asked.values("category")
    title = _("Plugins") if not categories else line(f"{_('Plugins')}: {', '.join(categories)}", 80)
    description = line(f"{title}. {_('Compare by popularity, growth, age and health.')}", 155)
    facets = found.facets
    if shop.links.built:  # it has a page for each category, and none for the rest
        facets = tuple(one for one in facets if one.name == "category")
        sorts = [] if asked.chosen else sorts
    found = shown.Found(found.cards, found.total, facets, found.page, pages)
    return Made(
        "market/browse.html",
        title if found.page == 1 else f"{title}, {_('page')} {found.page}",
        description,
        shop.links.browse(asked),
        {
            "asked": asked,
            "found": found,
            "sorts": sorts,
            "pager": {"before": before, "after": after},
            "heading": title,
            "short": short,
        },
        indexed=asked.plain and bool(found.cards),
    )


async def listing(shop: Shop, ref: str, *, may_install: bool = False) -> Made:
    """The page of a listing."""
    one = await shop.detail(ref)
    if one is None:
        return missing(shop, _("There is no such listing, or it was taken down."), shop.links.listing(ref))
    links = shop.links
    badges = []
    for name in BADGES:
        path = links.badge(one.card.ref, name)
        target = links.absolute(one.card.path)
        badges.append((name, path, f"[![{name}]({links.absolute(path)})]({target})"))
    compare = ""
    if one.related and not links.built:
        compare = links.compare([one.card.ref, one.related[0].ref])
    return Made(
        "market/listing.html",
        one.card.title,
        one.description or _("A plugin of the Marketplace."),
        one.card.path,
        {
            "one": one,
            "may_install": may_install and bool(one.install_source),
            "badges": badges,
            "compare_path": compare,
            "categories": [
                (text, links.browse(Asked(chosen=(("category", text),)))) for text in one.card.categories
            ],
            "several": len({version.package for version in one.versions}) > 1,
            "short": short,
            "sample": shop.shelf.is_sample,
        },
        picture=links.picture(one.card.ref),
        data=listing_data(one, links),
    )


async def publisher(shop: Shop, ref: str) -> Made:
    """The page of a publisher."""
    one = await shop.published(ref, PUBLISHER_CARDS)
    if one is None:
        return missing(shop, _("There is no such publisher."), shop.links.publisher(ref))
    every = shop.links.browse(Asked(chosen=(("publisher", one.maker.ref),)))
    about = one.summary or line(f"{_('Plugins published by')} {one.maker.name}", 155)
    context = {"one": one, "all_path": every, "short": short}
    return Made("market/publisher.html", one.maker.name, about, one.maker.path, context)


async def collection(shop: Shop, ref: str) -> Made:
    """The page of a collection."""
    one = await shop.collected(ref)
    if one is None:
        return missing(shop, _("There is no such collection."), shop.links.collection(ref))
    about = one.summary or line(f"{_('A collection of plugins:')} {one.title}", 155)
    return Made("market/collection.html", one.title, about, one.path, {"one": one, "short": short})


async def compare(shop: Shop, refs: Sequence[str]) -> Made:
    """Two or three listings side by side."""
    found = [await shop.detail(ref) for ref in dict.fromkeys(refs[:MOST_COMPARED])]
    ones = [one for one in found if one is not None]
    chosen = {one.card.ref for one in ones}
    others = [card for one in ones for card in one.related]
    if len(others) < ROW:
        others += (await shop.found(Asked())).cards
    choices = {path_of(card.ref): card.title for card in others if card.ref not in chosen}
    rows = [(name, [value(one) for one in ones]) for name, value in _ROWS]
    title = line(" / ".join(one.card.title for one in ones), 100)
    return Made(
        "market/compare.html",
        f"{_('Compare')}: {title}" if title else _("Compare"),
        _("Two or three listings side by side."),
        shop.links.compare([one.card.ref for one in ones]),
        {"ones": ones, "others": list(choices.items()), "rows": rows, "path_of": path_of, "short": short},
        indexed=False,
    )


def missing(shop: Shop, message: str, path: str) -> Made:
    """What is not there, with a way on."""
    return Made(
        "market/missing.html", _("Not found"), message, path, {"message": message}, status=404, indexed=False
    )


_HOSTS = {"npm": "Backstage", "pypi": "Callboard"}


def _hosts(one: shown.Detail) -> str:
    return ", ".join(dict.fromkeys(_HOSTS.get(ecosystem, ecosystem) for ecosystem, _name in one.packages))


def _health(one: shown.Detail) -> str:
    return "" if one.card.health is None else str(one.card.health)


def _support(one: shown.Detail) -> str:
    return " ".join(part for part in (one.support, one.support_level) if part)


_ROWS: tuple[tuple[str, Callable[[shown.Detail], str]], ...] = (
    ("Summary", lambda one: one.card.summary),
    ("Publisher", lambda one: one.card.maker.name if one.card.maker else ""),
    ("Works with", _hosts),
    ("Newest version", lambda one: one.version),
    ("Last release", lambda one: one.updated),
    ("Lifecycle", lambda one: one.card.lifecycle),
    ("License", lambda one: one.license),
    ("Price", lambda one: one.price_text),
    ("Support", _support),
    ("Downloads in 30 days", lambda one: short(one.card.downloads)),
    ("Health, of 100", _health),
    ("Categories", lambda one: ", ".join(one.card.categories)),
    ("Asks for", lambda one: ", ".join(ask.name for ask in one.asks)),
    ("Adds", lambda one: ", ".join(one.contributions[:12])),
)
