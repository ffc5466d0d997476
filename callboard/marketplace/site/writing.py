"""Makes what is no page: feeds, badges, pictures, the sitemap, the index of the built site's search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import orjson

from callboard.marketplace.asked import Item
from callboard.marketplace.facets import values_of
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.site import feeds
from callboard.marketplace.site.badges import BADGES, badge, health_tone
from callboard.marketplace.site.charts import short
from callboard.marketplace.site.content import further
from callboard.marketplace.site.icons import icon_name, picture_in
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.prose import line, plain, said
from callboard.marketplace.site.shop import Shop
from callboard.marketplace.site.sitemap import Address, robots, sitemaps

if TYPE_CHECKING:
    from callboard.marketplace.site.pictures import Card

SVG, PNG, XML = "image/svg+xml", "image/png", "application/xml"
LISTS = ("", "/browse", "/publishers", "/collections")
TEXTS = ("/learn", "/blog", "/partners", "/about", "/faq", "/terms")


@dataclass(frozen=True, slots=True)
class File:
    """`lasts`: what stands at its address never changes."""

    body: bytes
    media_type: str
    lasts: bool = False


async def feed(shop: Shop, which: Literal["new", "updated"], form: str) -> File:
    """New or updated listings, as `atom` or `json`. What nobody knows the day of is no news."""
    days = await shop.shelf.dated(which, feeds.ENTRIES)
    items = await shop.shelf.items(days)
    entries = [await _entry(shop, item, which, days[item.listing.ref]) for item in items]
    title = f"{shop.title}: {'new listings' if which == 'new' else 'updated listings'}"
    url = shop.links.absolute(f"{ROOT}/feeds/{which}.{form}")
    return _told(feeds.Feed(title, url, shop.links.absolute(ROOT), entries), form)


def blog_feed(shop: Shop, form: str) -> File:
    """The posts of the blog, as `atom` or `json`."""
    home = shop.links.absolute(f"{ROOT}/blog")
    entries = []
    for one in shop.content.posts[: feeds.ENTRIES]:
        moment = f"{one.day.isoformat()}T00:00:00Z" if one.day else feeds.EPOCH
        entries.append(
            feeds.Entry(
                f"{home}/{one.slug}", f"{home}/{one.slug}", one.title, one.summary, moment, shop.title
            )
        )
    url = shop.links.absolute(f"{ROOT}/feeds/blog.{form}")
    return _told(feeds.Feed(f"{shop.title}: blog", url, home, entries), form)


def _told(feed: feeds.Feed, form: str) -> File:
    if form == "atom":
        return File(feeds.atom(feed), "application/atom+xml")
    return File(feeds.json_feed(feed), "application/feed+json")


async def _entry(shop: Shop, item: Item, which: str, day: str) -> feeds.Entry:
    one, what = item.listing, ""
    url = shop.links.absolute(shop.links.listing(one.ref))
    if which == "updated":
        releases = [two for two in await shop.shelf.releases(one.ref) if two.yanked is None]
        dated = max((two for two in releases if two.date), key=lambda two: two.date or date.min, default=None)
        newest = dated or next(iter(releases), None)
        what = newest.version if newest is not None else day
    title = line(f"{one.title} {what}".strip(), 150)
    maker = shop.maker(one)
    return feeds.Entry(
        id=f"{url}#{what}" if what else url,
        url=url,
        title=title,
        summary=said(one.summary, 500) or plain(one.description),
        moment=f"{day}T00:00:00Z",
        by=maker.name if maker else "unknown",
    )


async def badge_of(shop: Shop, ref: str, name: str) -> File | None:
    """A badge of a listing; None where there is no such listing or badge."""
    if name not in BADGES:
        return None
    if name == "version":
        found = await shop.shelf.listing(ref)
        if found is None:
            return None
        return version_badge(found.latest.version if found.latest else "")
    items = await shop.shelf.items([ref])
    return badge_from(shop, items[0], name) if items else None


def version_badge(version: str) -> File:
    return File(badge("version", version or "none", "note" if version else "plain"), SVG)


def badge_from(shop: Shop, item: Item, name: str) -> File:
    """A badge that needs no releases: health, downloads or verified."""
    figures = item.figures
    if name == "health":
        score = figures.health if figures else None
        if score is None:
            return File(badge("health", "unknown", "plain"), SVG)
        return File(badge(_label(shop, "health"), f"{score}/100", health_tone(score)), SVG)
    if name == "downloads":
        count = figures.downloads_30d if figures else None
        text = "unknown" if count is None else f"{short(count)}/month"
        label = "downloads" if count is None else _label(shop, "downloads")
        return File(badge(label, text, "plain" if count is None else "note"), SVG)
    maker = shop.maker(item.listing)
    if maker is None or maker.mark == "community":
        return File(badge("publisher", "community", "plain"), SVG)
    return File(
        badge("publisher", "verified" if maker.mark == "verified-partner" else "first-party", "good"), SVG
    )


def _label(shop: Shop, label: str) -> str:
    """Numbers that are made up say so wherever they are put."""
    return f"sample {label}" if shop.shelf.is_sample else label


def card_of(shop: Shop, item: Item) -> Card:
    """What the picture of a listing says."""
    from callboard.marketplace.site.pictures import Card  # with Pillow, when a picture is asked for

    one, maker = item.listing, shop.maker(item.listing)
    summary = said(one.summary, 200) or plain(one.description, 200)
    return Card(line(one.title, 100), summary, f"by {maker.name}" if maker else "", shop.title)


async def picture_of(shop: Shop, ref: str) -> File | None:
    """The picture of a listing."""
    from callboard.marketplace.site.pictures import picture  # as in `card_of`

    items = await shop.shelf.items([ref])
    return File(picture(card_of(shop, items[0])), PNG) if items else None


async def icon_of(shop: Shop, ref: str, name: str) -> File | None:
    """The icon of a listing by its name; None for that of another picture than the listing has now."""
    items = await shop.shelf.items([ref])
    return icon_from(items[0]) if items and icon_name(items[0].listing.icon) == name else None


def icon_from(item: Item) -> File | None:
    """The icon of a listing that has one."""
    if not item.listing.icon:
        return None
    media_type, body = picture_in(item.listing.icon)
    return File(body, media_type, lasts=True)


async def addresses(shop: Shop) -> list[Address]:
    """Every page that search engines should know."""
    links = shop.links
    found = [Address(links.absolute(f"{ROOT}{path}")) for path in (*LISTS, *TEXTS)]
    found += [Address(links.absolute(path)) for _, path in further(shop.content)]
    for course in shop.content.courses:
        here = f"{ROOT}/learn/{course.slug}"
        found.append(Address(links.absolute(here)))
        found += [Address(links.absolute(f"{here}/{one.slug}")) for one in course.chapters]
    for post in shop.content.posts:
        found.append(
            Address(links.absolute(f"{ROOT}/blog/{post.slug}"), post.day.isoformat() if post.day else "")
        )
    found += [Address(links.absolute(links.publisher(one.ref))) for one in await shop.shelf.publishers()]
    found += [Address(links.absolute(links.collection(one.ref))) for one in await shop.shelf.collections()]
    days = await shop.shelf.updated()
    found += [
        Address(links.absolute(links.listing(ref)), days.get(ref, "")) for ref in await shop.shelf.all("name")
    ]
    return found


async def sitemap_files(shop: Shop) -> dict[str, File]:
    """The sitemap by the names of its files. It needs the site's own address, and is empty without."""
    listed = await addresses(shop) if shop.links.base else []
    return {name: File(body, XML) for name, body in sitemaps(listed, shop.links.base).items()}


def robots_file(shop: Shop, *, public: bool) -> File:
    return File(robots(shop.links.base, public=public), "text/plain; charset=utf-8")


async def search_index(shop: Shop, shelf: Shelf) -> File:
    """What the built site searches and filters by itself, as JSON; listings are in the order of popularity.

    `{"facets": [[name, title, [[value, text], …]], …], "entries": [[path, title, summary, publisher, further
    words, [[number of a value, …] for each facet]], …]}`.
    """
    known = [one for one in (await shelf.find()).facets if one.name != "collection"]
    numbers = [{two.value.lower(): at for at, two in enumerate(one.values)} for one in known]
    rows: list[Sequence[object]] = []
    for item in await shelf.items(await shelf.all("popular")):
        one, maker = item.listing, shop.maker(item.listing)
        words = " ".join((*one.categories, *one.tags, *(package.name for package in one.packages)))
        summary = said(one.summary, 160)
        has = values_of(one)
        places = [
            [places[low] for value in has[facet.name] if (low := value.lower()) in places]
            for facet, places in zip(known, numbers, strict=True)
        ]
        path = shop.links.listing(one.ref)
        rows.append((path, line(one.title, 100), summary, maker.name if maker else "", words, places))
    facets = [
        (one.name, one.title, [(two.value, line(two.title, 60)) for two in one.values]) for one in known
    ]
    return File(orjson.dumps({"facets": facets, "entries": rows}), "application/json")
