"""What everyone on the internet sees, and what nobody does."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from callboard.access.identity.public_paths import PublicPaths
from callboard.testing.portal import PortalUnderTest, opened
from callboard.web.assets import STATIC
from tests.marketplace.site.conftest import CONFIG, URL, listing, shelf

PAGES = (
    "/marketplace",
    "/marketplace/browse",
    "/marketplace/browse?q=tide&category=Harbour&sort=new&page=3",
    "/marketplace/plugins/default/tides",
    "/marketplace/publishers/default/harbour",
    "/marketplace/collections/default/afloat",
    "/marketplace/compare?with=default/tides&with=default/ropes",
    "/marketplace/learn",
    "/marketplace/learn/write-a-plugin",
    "/marketplace/learn/write-a-plugin/begin",
    "/marketplace/blog",
    "/marketplace/blog/callboard-0-1-0",
    "/marketplace/partners",
    "/marketplace/about",
    "/marketplace/faq",
    "/marketplace/terms",
)


@pytest.mark.parametrize("path", PAGES)
async def test_everyone_may_read_every_page_without_the_portals_navigation(
    market: PortalUnderTest, path: str
) -> None:
    html = await market.page(path)
    assert "Harbour Market" in html
    assert 'href="/catalog' not in html
    assert 'class="sidebar"' not in html
    assert html.count("<h1") == 1


async def test_a_listing_shows_what_is_known_of_it(market: PortalUnderTest) -> None:
    html = await market.page("/marketplace/plugins/default/tides")
    for text in (
        "Shows the <em>tide</em>",
        "Harbour Works",
        "1.0.0",
        "It sank.",
        "to ask the harbour",
        "MIT",
    ):
        assert text in html
    assert "callboard plugins install marketplace:tides" in html
    assert "install acme-tides" not in html  # whose that is depends on the index that is asked
    assert f'<link rel="canonical" href="{URL}/marketplace/plugins/default/tides">' in html
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert data
    assert orjson.loads(data[1])["@type"] == "SoftwareApplication"
    assert "/admin/plugins/install" not in html


@pytest.mark.parametrize(
    "path",
    ["/catalog", "/admin", "/api/catalog/entities", "/marketplace/desk", "/marketplace/desk/apply", "/"],
)
async def test_nothing_else_is_open(market: PortalUnderTest, path: str) -> None:
    answer = await market.client.get(path)
    assert answer.status_code in (303, 401)
    assert "secret-engine" not in answer.text


async def test_no_page_tells_of_anything_else_in_the_catalog(market: PortalUnderTest) -> None:
    for path in (*PAGES[:6], "/marketplace/browse?q=secret", "/marketplace/search.json", "/sitemap.xml"):
        assert "secret-engine" not in (await market.client.get(path)).text, path
    assert (await market.client.get("/marketplace/plugins/default/secret-engine")).status_code == 404


async def test_what_was_taken_down_is_nowhere(market: PortalUnderTest) -> None:
    assert (await market.client.get("/marketplace/plugins/default/pirates")).status_code == 404
    for path in (
        "/marketplace",
        "/marketplace/browse",
        "/marketplace/search.json",
        "/marketplace/feeds/new.atom",
        "/sitemap.xml",
    ):
        assert "irates" not in (await market.client.get(path)).text, path
    for path in (
        "/marketplace/badges/default/pirates/version.svg",
        "/marketplace/pictures/default/pirates.png",
    ):
        assert (await market.client.get(path)).status_code == 404


async def test_what_was_taken_down_says_why_to_everyone(market: PortalUnderTest) -> None:
    somebody = await market.as_user("user:default/somebody", groups=())
    for client in (market.client, somebody.client):
        answer = await client.get("/marketplace/plugins/default/pirates", headers={"accept": "text/html"})
        assert answer.status_code == 404
        assert "This listing was taken down: It did harm." in answer.text
        never = await client.get("/marketplace/plugins/default/never", headers={"accept": "text/html"})
        assert "taken down" not in never.text


async def test_a_page_is_kept_until_the_catalog_changes(market: PortalUnderTest) -> None:
    first = await market.client.get("/marketplace/plugins/default/ropes")
    again = await market.client.get("/marketplace/plugins/default/ropes")
    assert again.headers["etag"] == first.headers["etag"]
    assert "server-timing" not in again.headers  # nothing was made
    assert "public" in again.headers["cache-control"]
    known = {"if-none-match": first.headers["etag"]}
    assert (await market.client.get("/marketplace/plugins/default/ropes", headers=known)).status_code == 304
    await market.give(listing("ropes", title="Strong ropes"))
    changed = await market.client.get("/marketplace/plugins/default/ropes", headers=known)
    assert changed.status_code == 200
    assert "Strong ropes" in changed.text


async def test_who_is_signed_in_sees_the_portal_and_installs_only_when_allowed(
    market: PortalUnderTest,
) -> None:
    path = "/marketplace/plugins/default/tides"
    someone = await (await market.as_user("user:default/somebody", groups=())).page(path)
    assert 'class="sidebar"' in someone
    assert "/admin/plugins/install" not in someone
    admin = await (await market.as_user("user:default/admin", groups=())).page(path)
    assert "/admin/plugins/install?source=marketplace%3Atides" in admin


async def test_without_a_public_site_one_signs_in(tmp_path: Path) -> None:
    config: dict[str, Any] = {**CONFIG, "marketplace": {}}
    async with opened(tmp_path, (), config) as portal:
        await portal.give(*shelf())
        assert (await portal.client.get("/marketplace")).status_code == 303
        assert "Disallow: /\n" in (await portal.client.get("/robots.txt")).text


@pytest.mark.parametrize("name", ["version", "health", "downloads", "verified"])
async def test_each_badge_is_a_sealed_drawing(market: PortalUnderTest, name: str) -> None:
    answer = await market.client.get(f"/marketplace/badges/default/tides/{name}.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_feeds_name_the_newest_release(market: PortalUnderTest) -> None:
    assert "Tides 1.0.0" in (await market.client.get("/marketplace/feeds/updated.atom")).text
    found = orjson.loads((await market.client.get("/marketplace/feeds/new.json")).content)
    assert found["items"][0]["url"] == f"{URL}/marketplace/plugins/default/tides"
    assert (await market.client.get("/marketplace/feeds/other.atom")).status_code == 404


@pytest.mark.parametrize("path", ["/marketplace/plugins/default/tides", "/marketplace/browse"])
async def test_a_page_needs_at_most_30_kb_of_script_and_style(market: PortalUnderTest, path: str) -> None:
    admin = await market.as_user("user:default/admin", groups=())
    for html in (await market.page(path), await admin.page(path)):
        used = re.findall(r'(?:href|src)="/assets/(\w+)\.\w+\.(css|js)"', html)
        size = sum(len(gzip.compress((STATIC / f"{name}.{kind}").read_bytes(), 9)) for name, kind in used)
        assert 0 < size <= 30 * 1024, used


async def test_hostile_listings_are_shown_harmless(market: PortalUnderTest) -> None:
    svg = "data:image/svg+xml;base64,"
    svg += "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoMSkiLz4="
    await market.give(
        listing(
            "evil",
            title='</script><script>alert("t")</script>\u202eevil',
            summary="<img src=x onerror=alert(1)>" + "x" * 3000,
            description="<script>alert(1)</script>\n\n[click](javascript:alert(1))\n\n" + "# deep\n" * 500,
            icon=svg,
            screenshots=[{"url": "https://spy.example/a.png", "alt": '"><script>'}],
            highlights=["<b onmouseover=alert(1)>"],
            license="<script>",
            price={"model": "contact", "text": "<i>", "url": "javascript:alert(1)"},
            support={"provider": "<u>", "contact": "javascript:alert(1)"},
            links=[{"url": "https://ok.example", "title": "<script>alert(1)</script>"}],
            categories=["<script>alert(1)</script>"],
            tags=["x"],
        ),
    )
    html_of_it = await market.page("/marketplace/plugins/default/evil")
    for path in ("/marketplace/plugins/default/evil", "/marketplace/browse", "/marketplace"):
        html = await market.page(path)
        scripts = re.findall(r"<script[^>]*>", html)
        assert all(
            'type="module" src="/assets/' in one or one == '<script type="application/ld+json">'
            for one in scripts
        )
        assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', html))
        assert not re.search(
            r'(href|src)="(javascript|https://spy)', html.replace('<a href="https://spy', "")
        )
        assert "\u202e" not in html
        assert svg not in html
    icon = re.search(r'<img class="face[^"]*" src="(/marketplace/icons/default/evil/\w+\.svg)"', html_of_it)
    assert icon  # only ever the source of an image, where no script runs
    alone = await market.client.get(icon[1])
    assert alone.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in alone.headers["content-security-policy"]


def test_a_plugin_cannot_open_what_trusts_that_somebody_looked_who_asks() -> None:
    for path in ("/api/catalog/entities", "/admin/plugins", "/", "/*", "/catalog/**", "marketplace"):
        with pytest.raises(ValueError, match="cannot be made public"):
            PublicPaths((path,))
