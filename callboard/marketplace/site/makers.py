"""Makes each page of the Marketplace from the shelf. No page here knows where it will be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.marketplace.installed import Standing
from callboard.marketplace.site import shown
from callboard.marketplace.site.asked import SORTS, Asked
from callboard.marketplace.site.badges import BADGES
from callboard.marketplace.site.charts import short
from callboard.marketplace.site.comparing import compared
from callboard.marketplace.site.jsonld import listing_data, site_data
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.made import Made, script_json
from callboard.marketplace.site.prose import line
from callboard.marketplace.site.shop import Shop
from callboard.web.language import translated as _

ROW = 8
PUBLISHER_CARDS = 48


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
    known = await shop.shelf.sorts()
    newest = (await shop.found(Asked(sort="new"))).cards if "new" in known else ()
    trending = await shop.found(Asked(sort="trending"))
    front = Home(
        total=found.total,
        publishers=await shop.shelf.count_publishers(),
        categories=facets.get("category", ()),
        collections=await shop.collections(6),
        popular=found.cards[:ROW],
        trending=trending.cards[:ROW],
        new=newest[:ROW],
        new_path=shop.links.browse(Asked(sort="new")),
        trending_path=shop.links.browse(Asked(sort="trending")),
        measured="popular" in known,
        sample=shop.is_sample((*found.cards, *trending.cards)),
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
    # What nothing is known for would be by name, so it is called that.
    known = await shop.shelf.sorts()
    offered = known | {"relevance"} if asked.term and not shop.links.built else known
    order = asked.order if asked.order in known | {"relevance"} else "name"
    sorts = [
        (name, text, shop.links.browse(asked.sorted_by(name)), name == order)
        for name, text in SORTS
        if name in offered
    ]
    pages = min(found.pages, shop.links.most_pages(asked))
    before = shop.links.browse(asked.at(found.page - 1)) if found.page > 1 else ""
    after = shop.links.browse(asked.at(found.page + 1)) if found.page < pages else ""
    categories = asked.values("category")
    title = _("Plugins") if not categories else line(f"{_('Plugins')}: {', '.join(categories)}", 80)
    description = line(f"{title}. {_('Compare by popularity, growth, age and health.')}", 155)
    if shop.links.built and asked.chosen:
        sorts = []
    sample = shop.is_sample(found.cards)
    found = shown.Found(found.cards, found.total, found.facets, found.page, pages)
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
            "sample": sample,
            "short": short,
        },
        indexed=asked.plain and bool(found.cards),
    )


async def listing(
    shop: Shop,
    ref: str,
    *,
    may_install: bool = False,
    may_report: bool = True,
    standing: Standing | None = None,
) -> Made:
    """The page of a listing. Who is not signed in yet may report it afterwards.

    `standing` tells what of it is installed in this portal.
    """
    one = await shop.detail(ref)
    if one is None:
        why = await shop.why_gone(ref)
        message = f"{_('This listing was taken down:')} {why}" if why else _("There is no such listing.")
        return missing(shop, message, shop.links.listing(ref))
    links = shop.links
    badges = []
    for name in BADGES:
        path = links.badge(one.card.ref, name)
        target = links.absolute(one.card.path)
        badges.append((name, path, f"[![{name}]({links.absolute(path)})]({target})"))
    return Made(
        "market/listing.html",
        one.card.title,
        one.description or _("A plugin of the Marketplace."),
        one.card.path,
        {
            "one": one,
            "may_install": may_install and bool(one.install_source),
            "may_manage": may_install,
            "standing": standing,
            "may_report": may_report,
            "badges": badges,
            "compare_path": links.compare([one.card.ref]),
            "compared": script_json(compared(one)) if links.built else "",
            "tags": [(text, links.browse(Asked(chosen=(("tag", text),)))) for text in one.tags],
            "columns": _columns(one.versions),
            "categories": [
                (text, links.browse(Asked(chosen=(("category", text),)))) for text in one.card.categories
            ],
            "several": len({version.package for version in one.versions}) > 1,
            "short": short,
            "sample": shop.shelf.is_sample,
            "sample_cards": shop.is_sample(one.related),
        },
        picture=links.picture(one.card.ref),
        data=listing_data(one, links),
    )


def _columns(versions: Sequence[shown.Version]) -> frozenset[str]:
    """The columns of the table of versions in which something stands."""
    names = ("date", "role", "callboard", "backstage", "file")
    return frozenset(name for name in names if any(getattr(one, name) for one in versions))


async def publisher(shop: Shop, ref: str) -> Made:
    """The page of a publisher."""
    one = await shop.published(ref, PUBLISHER_CARDS)
    if one is None:
        return missing(shop, _("There is no such publisher."), shop.links.publisher(ref))
    every = shop.links.browse(Asked(chosen=(("publisher", one.maker.ref),)))
    about = one.summary or line(f"{_('Plugins published by')} {one.maker.name}", 155)
    context = {"one": one, "all_path": every, "sample": shop.is_sample(one.cards), "short": short}
    return Made("market/publisher.html", one.maker.name, about, one.maker.path, context)


async def collection(shop: Shop, ref: str) -> Made:
    """The page of a collection."""
    one = await shop.collected(ref)
    if one is None:
        return missing(shop, _("There is no such collection."), shop.links.collection(ref))
    about = one.summary or line(f"{_('A collection of plugins:')} {one.title}", 155)
    context = {"one": one, "sample": shop.is_sample(one.cards), "short": short}
    return Made("market/collection.html", one.title, about, one.path, context)


def missing(shop: Shop, message: str, path: str) -> Made:
    """What is not there, with a way on."""
    return Made(
        "market/missing.html", _("Not found"), message, path, {"message": message}, status=404, indexed=False
    )
