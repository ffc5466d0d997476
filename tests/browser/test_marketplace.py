"""The Marketplace in a browser: for everyone on the internet and in the portal, in every look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.checks import axe, layout_shift, no_horizontal_scroll
from tests.browser.guard import Guard
from tests.browser.pages import LIGHT_WIDE, Look, Pages
from tests.servers import Server, running_server

EXAMPLE = Path(str(files("callboard") / "example" / "marketplace"))
LISTING = "/marketplace/plugins/rhdh/3scale"
PAGES = (
    "/marketplace",
    "/marketplace/browse",
    "/marketplace/browse?category=CI%2FCD&sort=name",
    "/marketplace/browse?q=zzzzqqq",
    LISTING,
    "/marketplace/compare?with=rhdh/3scale&with=community/aws-ecs",
    "/marketplace/publishers",
    "/marketplace/publishers/default/red-hat",
    "/marketplace/collections",
    "/marketplace/learn",
    "/marketplace/learn/write-a-plugin/begin",
    "/marketplace/blog",
    "/marketplace/blog/callboard-0-1-0",
    "/marketplace/partners",
    "/marketplace/faq",
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example's extension files behind a sign-in, with a public site."""
    folder = tmp_path_factory.mktemp("market")
    config = folder / "app-config.json"
    auth = {"environment": "development", "providers": {"guest": {}}}
    public = {"enabled": True, "url": "https://market.example", "title": "Harbour Market"}
    config.write_text(json.dumps({"auth": auth, "marketplace": {"public": public}}))
    shelf = sorted(EXAMPLE.glob("*/*.yaml"))
    with running_server([*shelf, "--config", config], data=folder / "data") as server:
        yield server


async def test_every_public_page_stands_in_every_look(
    pages: Pages, market: Server, look: Look, guard: Guard
) -> None:
    guard.allow("404")
    page = await pages.open(look=look, base_url=market.base_url)
    for path in (*PAGES, "/marketplace/plugins/default/nothing"):
        await page.goto(path)
        assert await layout_shift(page) < 0.05
        assert await page.locator("h1").count() == 1, path
        await axe(page)
        await no_horizontal_scroll(page)


async def test_the_same_pages_stand_in_the_portal(pages: Pages, market: Server, look: Look) -> None:
    page = await pages.open("/sign-in", look=look, base_url=market.base_url)
    await page.get_by_role("link", name="Enter as a guest").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url and "/api/" not in url)
    for path in PAGES[:6]:
        await page.goto(path)
        assert await page.locator("nav.sidebar").count() == 1
        await axe(page)
        await no_horizontal_scroll(page)


async def test_one_finds_a_plugin_without_a_script(pages: Pages, market: Server) -> None:
    page = await pages.open("/marketplace", base_url=market.base_url, javascript=False)
    await page.get_by_role("searchbox", name="Search plugins").first.fill("3scale")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="APIs with 3scale").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("APIs with 3scale")


async def test_a_knowledge_check_says_what_is_right(pages: Pages, market: Server) -> None:
    path = "/marketplace/learn/write-a-plugin/begin"
    page = await pages.open(path, look=LIGHT_WIDE, base_url=market.base_url)
    await page.get_by_label("As soon as its package is imported").check()
    await expect(page.get_by_text("Not quite.").first).to_be_visible()
    await page.get_by_label("When a feature of the portal calls one of its contributions").check()
    await expect(page.get_by_text("Right.").first).to_be_visible()
