"""The built site: complete, consistent, and written again only where something changed."""

from __future__ import annotations

import asyncio
import base64
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson
import pytest

from callboard.marketplace.site.build.build import build
from callboard.marketplace.site.build.folder import LIST, Folder
from callboard.marketplace.site.build.frozen import Frozen, freeze
from callboard.marketplace.site.service import public_of, public_shop, today
from callboard.testing.portal import PortalUnderTest
from tests.marketplace.site.conftest import URL, listing

VOID = {"meta", "link", "img", "input", "br", "hr", "line", "rect", "use"}


class Seen(HTMLParser):
    """What a check of a page looks at."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.ids: Counter[str] = Counter()
        self.names: list[str] = []
        self._open: list[list[str]] = []
        self.title = ""
        self._in_title = False
        self.feed(re.sub(r"<template\b.*?</template>", "", html, flags=re.DOTALL))  # what scripts may show

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if "id" in given:
            self.ids[given["id"]] += 1
        if tag == "title" and not self.title:
            self._in_title = True
        if tag in ("a", "button"):
            self._open.append([given.get("aria-label", "")])
        for one in self._open:
            one.append(given.get("alt", "") + given.get("aria-label", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag in ("a", "button") and self._open:
            self.names.append("".join(self._open.pop()).strip())

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        for one in self._open:
            one.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.tags if name == tag]


@pytest.fixture
async def frozen(market: PortalUnderTest) -> Frozen:
    services = market.host.services
    public = public_of(services)
    return await freeze(
        services.queries, public.shelves.figures, public.settings, today(), "http://portal.example"
    )


def _pages(out: Path) -> list[Path]:
    return sorted(out.rglob("*.html"))


async def test_every_built_page_passes_the_checks_of_an_auditor(frozen: Frozen, tmp_path: Path) -> None:
    out = tmp_path / "out"
    await asyncio.to_thread(build, frozen, out)
    pages = _pages(out)
    assert len(pages) > 20
    for path in pages:
        html = path.read_text()
        seen = Seen(html)
        told = {one.get("name", one.get("property", "")): one.get("content", "") for one in seen.all("meta")}
        assert seen.all("html")[0]["lang"] == "en", path
        assert 5 < len(seen.title) <= 140, path
        assert 10 < len(told["description"]) <= 320, path
        assert "width=device-width" in told["viewport"], path
        levels = [int(tag[1]) for tag, _ in seen.tags if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels.count(1) == 1, path
        assert all(later <= before + 1 for before, later in pairwise(levels)), (
            path,
            levels,
        )
        assert all("alt" in one for one in seen.all("img")), path
        assert all(seen.names), (path, seen.names)
        assert max(seen.ids.values()) == 1, (path, seen.ids.most_common(1))
        if path.name != "404.html":
            canonical = next(one["href"] for one in seen.all("link") if one.get("rel") == "canonical")
            assert canonical.startswith(f"{URL}/marketplace"), path
        assert all(
            urlsplit(one["src"]).netloc == ""
            for one in (*seen.all("img"), *seen.all("script"))
            if "src" in one
        )


async def test_every_link_within_the_built_site_leads_to_a_file(frozen: Frozen, tmp_path: Path) -> None:
    out = tmp_path / "out"
    await asyncio.to_thread(build, frozen, out)
    for path in _pages(out):
        seen = Seen(path.read_text())
        links = [one.get("href", "") for tag in ("a", "link") for one in seen.all(tag)]
        links += [one.get("src", "") for tag in ("img", "script") for one in seen.all(tag)]
        for link in links:
            parts = urlsplit(link)
            if parts.netloc or parts.scheme or not parts.path:
                continue
            target = out / unquote(parts.path).removeprefix("/")
            assert target.is_file() or (target / "index.html").is_file(), f"{path}: {link}"


async def test_what_the_browser_filters_by_is_counted_as_on_the_live_site(
    market: PortalUnderTest, frozen: Frozen, tmp_path: Path
) -> None:
    await asyncio.to_thread(build, frozen, tmp_path)
    index = orjson.loads((tmp_path / "marketplace/search.json").read_bytes())
    facets = (await public_shop(public_of(market.host.services)).shelf.find()).facets
    live = {one.name: {two.value: two.count for two in one.values} for one in facets}
    built = {
        name: {
            value: sum(number in entry[5][at] for entry in index["entries"])
            for number, (value, _text) in enumerate(values)
        }
        for at, (name, _title, values) in enumerate(index["facets"])
    }
    assert built["host"] == {"backstage": 1, "callboard": 1}
    del live["collection"]
    assert built == live


async def test_a_second_build_writes_nothing_and_a_change_writes_what_changed(
    market: PortalUnderTest, frozen: Frozen, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = await asyncio.to_thread(build, frozen, out)
    assert first.written == first.files
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    second = await asyncio.to_thread(build, frozen, out)
    assert (second.written, second.removed) == (0, 0)
    assert times == {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    (out / "mine.txt").write_text("not of the site")
    await market.give(listing("ropes", title="Strong ropes", categories=["Harbour"]))
    await market.take("listing:default/tides")
    services = market.host.services
    public = public_of(services)
    changed = await freeze(
        services.queries, public.shelves.figures, public.settings, frozen.today, frozen.portal
    )
    third = await asyncio.to_thread(build, changed, out)
    assert 0 < third.written < third.files
    assert third.removed >= 6
    assert not (out / "marketplace/plugins/default/tides").exists()
    assert "Strong ropes" in (out / "marketplace/plugins/default/ropes/index.html").read_text()
    unchanged = out / "marketplace/learn/write-a-plugin/begin/index.html"
    assert unchanged.stat().st_mtime_ns == times[unchanged]
    assert (out / "mine.txt").read_text() == "not of the site"


async def test_several_processes_build_the_same_site(frozen: Frozen, tmp_path: Path) -> None:
    await asyncio.to_thread(build, frozen, tmp_path / "one", 1)
    await asyncio.to_thread(build, frozen, tmp_path / "two", 2)
    one, two = ((tmp_path / name / LIST).read_bytes() for name in ("one", "two"))
    assert orjson.loads(one) == orjson.loads(two)


async def test_the_build_knows_nothing_but_what_everyone_may_see(frozen: Frozen, tmp_path: Path) -> None:
    out = tmp_path / "out"
    await asyncio.to_thread(build, frozen, out)
    whole = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"secret-engine" not in whole
    assert b"irates" not in whole


async def test_the_sitemap_tells_when_a_listing_last_changed(
    market: PortalUnderTest, frozen: Frozen, tmp_path: Path
) -> None:
    await asyncio.to_thread(build, frozen, tmp_path / "out")
    built = (tmp_path / "out" / "sitemap.xml").read_text()
    for sitemap in (built, (await market.client.get("/sitemap.xml")).text):
        dates = dict(
            re.findall(r"<loc>[^<]*/plugins/default/(\w+)</loc>(?:<lastmod>(.*?)</lastmod>)?", sitemap)
        )
        assert dates == {"tides": "2026-05-01", "ropes": ""}
    await market.take("release:default/tides-1.0.0")
    # Its other release is yanked, so it counts when it was added.
    assert "<lastmod>2026-04-01</lastmod>" in (await market.client.get("/sitemap.xml")).text


async def test_categories_that_look_alike_have_lists_of_their_own(
    market: PortalUnderTest, tmp_path: Path
) -> None:
    await market.give(listing("ropes", title="Ropes", categories=["CI/CD"]))
    await market.give(listing("knots", title="Knots", categories=["CI CD"]))
    services = market.host.services
    public = public_of(services)
    frozen = await freeze(services.queries, public.shelves.figures, public.settings, today())
    await asyncio.to_thread(build, frozen, tmp_path)
    lists = sorted((tmp_path / "marketplace/browse/category").glob("ci-cd*/index.html"))
    shown = [
        {name for name in ("Ropes", "Knots") if f"<bdi>{name}</bdi>" in one.read_text()} for one in lists
    ]
    assert shown == [{"Knots"}, {"Ropes"}]


async def test_an_icon_is_a_file_of_the_built_site(market: PortalUnderTest, tmp_path: Path) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    source = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
    await market.give(listing("ropes", title="Ropes", icon=source))
    services = market.host.services
    public = public_of(services)
    frozen = await freeze(services.queries, public.shelves.figures, public.settings, today())
    await asyncio.to_thread(build, frozen, tmp_path)
    (icon,) = (tmp_path / "marketplace/icons/default/ropes").iterdir()
    assert icon.read_bytes() == svg
    assert (
        f"/marketplace/icons/default/ropes/{icon.name}"
        in (tmp_path / "marketplace/plugins/default/ropes/index.html").read_text()
    )


def test_no_file_is_written_through_a_link_that_leads_outside(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "marketplace").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="outside"):
        Folder.open(tmp_path / "site").put("/marketplace/index.html", b"x")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_no_file_is_written_outside_the_folder(tmp_path: Path) -> None:
    folder = Folder.open(tmp_path / "site")
    with pytest.raises(ValueError, match="outside"):
        folder.put("/../escaped.html", b"x")
    assert not (tmp_path / "escaped.html").exists()
