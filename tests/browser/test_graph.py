from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, settled
from tests.browser.pages import LIGHT_NARROW, TWO_LOOKS, Pages

SHOP = "/catalog-graph?rootEntityRefs[]=component:default/ticket-shop"


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_the_graph_is_drawn_told_in_words_and_narrowed(page: Page) -> None:
    await page.goto(SHOP)
    await expect(page.locator(".nodes > a").first).to_be_visible()
    before = await page.locator(".nodes > a").count()
    assert await page.locator("#graph-list li").count() == before
    await page.locator("#graph-kind-api").press("Space")
    await page.wait_for_url("**selectedKinds**")
    await settled(page)
    assert 0 < await page.locator(".nodes > a").count() < before
    await expect(page.locator("#graph-kind-api")).to_be_focused()
    await page.reload()
    await expect(page.locator("#graph-kind-api")).to_be_checked()
    await axe(page)


async def test_every_node_is_reached_by_keyboard(pages: Pages) -> None:
    page = await pages.open(SHOP + "&maxDepth=1")
    nodes = page.locator(".nodes > a")
    await nodes.first.focus()
    focused = "document.activeElement.closest('.nodes') && document.activeElement.getAttribute('href')"
    reached = {await page.evaluate(focused)}
    for _ in range(await nodes.count() - 1):
        await page.keyboard.press("PageDown")
        reached.add(await page.evaluate(focused))
    assert None not in reached
    assert len(reached) == await nodes.count()


async def test_arrows_walk_the_picture_and_enter_opens(pages: Pages) -> None:
    page = await pages.open(SHOP + "&maxDepth=1")
    await page.locator('.nodes > a[href$="/ticket-shop"]').focus()
    await page.keyboard.press("ArrowRight")
    focused = await page.evaluate("document.activeElement.getAttribute('href')")
    assert focused
    assert not focused.endswith("/ticket-shop")
    await page.keyboard.press("Shift+Enter")
    await page.wait_for_url("**/catalog-graph?**")
    await expect(page.get_by_role("heading", level=1)).not_to_contain_text("Ticket shop")
    await page.locator(".nodes > a").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/catalog/*/*/*")


async def test_the_picture_is_zoomed_by_button_key_and_wheel(pages: Pages) -> None:
    page = await pages.open(SHOP + "&maxDepth=2")
    picture = page.get_by_role("group", name="Relations of Ticket shop")

    async def width() -> float:
        await settled(page)
        box = await page.locator(".nodes > a").first.bounding_box()
        assert box is not None
        return box["width"]

    await expect(picture).to_be_visible()
    first = await width()
    await page.get_by_role("button", name="Zoom in").click()
    larger = await width()
    assert larger > first
    await page.get_by_role("button", name="Zoom out").click()
    await page.get_by_role("button", name="Zoom out").click()
    assert await width() < larger
    await page.locator(".graph-window").focus()
    smaller = await width()
    await page.keyboard.press("+")
    assert await width() > smaller
    await page.keyboard.press("0")
    await page.locator(".graph-window").hover()
    fitted = await width()
    await page.mouse.wheel(0, -300)
    assert await width() > fitted


async def test_the_picture_is_taken_away_as_svg_and_png(pages: Pages) -> None:
    page = await pages.open(SHOP)
    async with page.expect_download() as svg:
        await page.get_by_role("link", name="SVG").click()
    path = await (await svg.value).path()
    assert "<svg" in path.read_text()
    async with page.expect_download() as png:
        await page.get_by_role("button", name="PNG").click()
    path = await (await png.value).path()
    assert path.read_bytes().startswith(b"\x89PNG")


async def test_an_entity_is_added_by_typing_its_name(pages: Pages) -> None:
    page = await pages.open("/catalog-graph")
    await page.get_by_label("Around these entities").fill("component:default/ticket-shop")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**ticket-shop**")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Ticket shop")


async def test_the_graph_needs_no_script(pages: Pages) -> None:
    page = await pages.open(SHOP, javascript=False, look=LIGHT_NARROW)
    await expect(page.locator("#graph-list li").first).to_be_visible()
    await page.get_by_label("Steps").select_option("1")
    await page.get_by_role("button", name="Draw", exact=True).click()
    await page.wait_for_url("**maxDepth=1**")
    await expect(page.locator(".nodes > a").first).to_be_visible()
