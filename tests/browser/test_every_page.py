"""Every page in every look: accessible, steady, as wide as its window, and usable by keyboard alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, layout_shift, no_horizontal_scroll
from tests.browser.gated import ROLE, Gated, signed_in
from tests.browser.guard import Guard
from tests.browser.keyboard import walked_by_keyboard
from tests.browser.pages import TWO_LOOKS, Look, Pages
from tests.servers import Server, running_server

CATALOG = "/catalog/default"
BOOKING = f"{CATALOG}/component/booking-service"
KINDS = {
    "component/booking-service": "dependencies apis relations history inspect unregister",
    "api/timetable-api": "definition apis",
    "system/ticketing": "",
    "domain/passengers": "",
    "resource/booking-db": "dependencies",
    "group/passenger-services": "members ownership",
    "user/bram.oakum": "ownership",
    "location/lantern-line": "",
}
VIEWS = ("ancestry", "colocated", "json", "yaml", "raw")
OPERATIONS = ("", "/sources", "/queue", "/problems", "/held-back", "/orphans", "/index")

ADMINISTRATION = (
    "/admin/plugins",
    "/admin/plugins?show=callboard",
    "/admin/plugins/catalog",
    "/admin/plugins/install",
    "/admin/roles",
    ROLE,
    f"{ROLE}/grants/new",
    f"{ROLE}/grants/1",
    "/admin/roles/versions",
    "/admin/roles/versions/1",
    "/admin/roles/preview",
    "/admin/roles/preview?user=odile.fernsby&permission=catalog.entity.read",
    "/admin/roles/preview?user=nobody&permission=catalog.entity.delete&entity=component:default/ticket-shop",
    "/admin/audit",
    "/admin/audit?event=auth-login&severity=medium",
    "/admin/audit?q=zzzzqqq",
    "/settings",
    "/sign-in",
    "/sign-out",
)

ENTITIES = tuple(
    f"{CATALOG}/{entity}{'/' if tab else ''}{tab}"
    for entity, tabs in KINDS.items()
    for tab in ("", *tabs.split())
)
OTHERS = (
    "/",
    "/search",
    "/search?term=ticket&kind=Component",
    "/search?term=zzzzqqq",
    "/catalog",
    "/catalog?filters[kind]=all&filters[tags]=go&filters[text]=s&sort=-owner&limit=100&all=tags",
    "/catalog?filters[type]=none",
    "/catalog?filters[user]=owned",
    "/catalog-graph",
    "/catalog-graph?rootEntityRefs[]=component:default/ticket-shop&maxDepth=2",
    "/catalog-import",
    "/catalog-import?url=foo",
    "/catalog-import/paste?example=component",
    "/organisation",
    "/organisation?filter=bridge",
    "/organisation?root=passenger-services",
    f"{BOOKING}/inspect?view=raw",
    "/settings",
    "/no-such-page",
    f"{BOOKING}/nonsense",
    f"{CATALOG}/component/booking-servise",
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal that holds nothing, where nothing may be registered, with the page for developers."""
    folder = tmp_path_factory.mktemp("empty")
    config = folder / "app-config.yaml"
    config.write_text("catalog:\n  readonly: true\n")
    env = {"CALLBOARD_DEVELOPMENT": "1"}
    with running_server(["--config", config], env, data=folder / "data") as server:
        yield server


async def _stands(
    page: Page, path: str, look: Look, act: Callable[[Page], Awaitable[None]] | None = None
) -> None:
    await page.goto(path)
    assert await layout_shift(page) < 0.05
    if act:
        await act(page)
    assert await page.locator("h1").count() == 1, f"{path} has not one first heading"
    heading, title = await page.locator("h1").inner_text(), await page.title()
    assert heading.strip()
    assert " · " in title, f"{path} is called {title!r}"
    await axe(page, only_colours=look not in TWO_LOOKS)  # the other theme of this size sees all of it
    await no_horizontal_scroll(page)
    if look in TWO_LOOKS:
        await walked_by_keyboard(page)


async def test_every_kind_of_entity_and_each_of_its_tabs(page: Page, look: Look) -> None:
    for path in ENTITIES:
        await _stands(page, path, look)


async def test_every_other_page_of_the_example(page: Page, look: Look, guard: Guard) -> None:
    guard.allow("404|400")
    for path in OTHERS:
        await _stands(page, path, look)


async def test_every_page_of_the_operations(pages: Pages, troubled: Server, look: Look) -> None:
    page = await pages.open(look=look, base_url=troubled.base_url)
    for tab in (*OPERATIONS, "/sources/runs?provider=harbour-inventory"):
        await _stands(page, f"/admin{tab}", look)


async def test_every_page_of_the_administration(pages: Pages, gated: Gated, look: Look) -> None:
    page = await signed_in(pages, gated, look=look)
    for path in ADMINISTRATION:
        await _stands(page, path, look)


async def test_the_pages_of_those_who_are_not_signed_in(
    pages: Pages, gated: Gated, look: Look, guard: Guard
) -> None:
    guard.allow("401|429")
    page = await pages.open(look=look, base_url=gated.base_url)
    for path in ("/catalog", "/sign-in?error=refused", "/sign-in?signed_out=yes", "/sign-out"):
        await _stands(page, path, look)


async def test_pages_of_a_catalog_that_is_empty_and_read_only(
    pages: Pages, empty: Server, look: Look
) -> None:
    page = await pages.open(look=look, base_url=empty.base_url)
    for path in ("/", "/catalog", "/catalog-import", "/organisation", "/admin", "/_components"):
        await _stands(page, path, look)


async def test_the_mistakes_of_a_pasted_descriptor(page: Page, look: Look) -> None:
    async def paste(page: Page) -> None:
        text = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a b\nspec: {}\n"
        await page.get_by_role("textbox", name="Descriptors").fill(text)
        await expect(page.locator(".import-excerpt mark").first).to_have_text("name:")

    await _stands(page, "/catalog-import/paste", look, paste)


def test_no_page_of_the_portal_is_forgotten() -> None:
    """Whoever adds a tab adds it above."""
    from callboard.portal.plugins import PLUGINS
    from callboard.web.contributions import EntityTab

    tabs = {tab.id for plugin in PLUGINS for tab in plugin.contributions if isinstance(tab, EntityTab)}
    walked = {tab for tabs in KINDS.values() for tab in tabs.split()} | {"overview", "errors"}
    assert tabs <= walked
