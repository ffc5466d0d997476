"""What there is to make, in parts that can be made apart: a part of the listings, or one of the lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from jinja2 import Environment

from callboard.marketplace.site import comparing, directories, makers, reading, writing
from callboard.marketplace.site.asked import Asked
from callboard.marketplace.site.badges import BADGES
from callboard.marketplace.site.build.folder import Folder
from callboard.marketplace.site.content import further
from callboard.marketplace.site.icons import icon_name
from callboard.marketplace.site.links import BUILT_SORTS, ROOT
from callboard.marketplace.site.made import Made, Site
from callboard.marketplace.site.pictures import picture
from callboard.marketplace.site.service import rendered
from callboard.marketplace.site.shop import Shop

PORTION = 100


@dataclass(frozen=True)
class Job:
    """`kind` is listings, list, publishers, collections or texts; `refs` or `asked` say which."""

    kind: str
    refs: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()


@dataclass
class Bench:
    """What a worker works with."""

    shop: Shop
    templates: Environment
    folder: Folder

    @property
    def site(self) -> Site:
        return Site(self.shop.title, self.shop.links, pages=further(self.shop.content))

    def write(self, made: Made, path: str = "") -> None:
        """A page as a file."""
        body = rendered(self.templates, made, self.site).encode("utf-8", "replace")
        self.folder.put(path or f"{unquote(made.path)}/index.html", body)

    def write_file(self, path: str, file: writing.File) -> None:
        self.folder.put(unquote(path), file.body)


async def all_jobs(shop: Shop) -> list[Job]:
    """The whole site. The costly parts come first, so that no worker is left with one at the end."""
    refs = await shop.shelf.all("name", archived=True)
    jobs = [Job("texts"), *(Job("listings", refs=part) for part in _parts(refs))]
    lists = await _lists(shop)
    jobs += [Job("lists", asked=tuple(lists[at : at + 40])) for at in range(0, len(lists), 40)]
    jobs += [
        Job("publishers", refs=part) for part in _parts([one.ref for one in await shop.shelf.publishers()])
    ]
    jobs += [
        Job("collections", refs=part) for part in _parts([one.ref for one in await shop.shelf.collections()])
    ]
    return jobs


async def work(bench: Bench, job: Job) -> None:
    """Make one part."""
    shop = bench.shop
    if job.kind == "listings":
        for ref in job.refs:
            await _listing(bench, ref)
    elif job.kind == "lists":
        for asked in job.asked:
            bench.write(await makers.browse(shop, asked))
    elif job.kind == "publishers":
        for ref in job.refs:
            bench.write(await makers.publisher(shop, ref))
    elif job.kind == "collections":
        for ref in job.refs:
            bench.write(await makers.collection(shop, ref))
    else:
        await _texts(bench)


async def _listing(bench: Bench, ref: str) -> None:
    shop, links = bench.shop, bench.shop.links
    made = await makers.listing(shop, ref)
    if made.status != 200:
        return
    bench.write(made)
    items = await shop.shelf.items([ref])
    if not items:
        return
    card = writing.card_of(shop, items[0])
    bench.folder.put_by(unquote(links.picture(ref)), card.key, lambda: picture(card))
    if (icon := writing.icon_from(items[0])) is not None:
        bench.write_file(links.icon(ref, icon_name(items[0].listing.icon)), icon)
    for name in BADGES[1:]:
        bench.write_file(links.badge(ref, name), writing.badge_from(shop, items[0], name))
    bench.write_file(links.badge(ref, "version"), writing.version_badge(made.context["one"].version))


async def _lists(shop: Shop) -> list[Asked]:
    """Every page of every list that has a file."""
    found: list[Asked] = []
    lists = [Asked(), *(Asked(sort=sort) for sort in BUILT_SORTS[1:])]
    first = await shop.shelf.find(Asked().question)
    values = next((one.values for one in first.facets if one.name == "category"), ())
    lists += [Asked(chosen=(("category", one.value),)) for one in values]
    for asked in lists:
        answer = await shop.shelf.find(asked.question)
        pages = min(answer.pages, shop.links.most_pages(asked))
        found += [asked.at(page) for page in range(1, pages + 1)]
    return found


async def _texts(bench: Bench) -> None:
    """Everything of which there is one."""
    shop = bench.shop
    bench.write(home := await makers.home(shop))
    bench.write(home, "/index.html")
    bench.write(makers.missing(shop, "There is no page here.", "/404"), "/404.html")
    pages = 1
    while pages:
        made = await directories.publishers(shop, pages)
        bench.write(made)
        pages = pages + 1 if made.context["after"] else 0
    bench.write(await directories.collections(shop))
    bench.write(comparing.built(shop))
    bench.write(reading.learn(shop))
    for course in shop.content.courses:
        bench.write(reading.learn(shop, course.slug))
        for chapter in course.chapters:
            bench.write(reading.chapter(shop, course.slug, chapter.slug))
    bench.write(reading.blog(shop))
    for post in shop.content.posts:
        bench.write(reading.post(shop, post.slug))
    for page in shop.content.pages:
        bench.write(reading.page(shop, page.slug))
    bench.write(reading.partners(shop))
    for form in ("atom", "json"):
        bench.write_file(f"{ROOT}/feeds/new.{form}", await writing.feed(shop, "new", form))
        bench.write_file(f"{ROOT}/feeds/updated.{form}", await writing.feed(shop, "updated", form))
        bench.write_file(f"{ROOT}/feeds/blog.{form}", writing.blog_feed(shop, form))
    bench.write_file(f"{ROOT}/search.json", await writing.search_index(shop, shop.shelf))
    for name, file in (await writing.sitemap_files(shop)).items():
        bench.write_file(f"/{name}", file)
    bench.write_file("/robots.txt", writing.robots_file(shop, public=True))


def _parts(refs: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(refs[at : at + PORTION]) for at in range(0, len(refs), PORTION)]
