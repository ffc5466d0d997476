from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll
from tests.browser.guard import Guard
from tests.browser.pages import LIGHT_NARROW, TWO_LOOKS, Pages
from tests.servers import Server


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_home_shows_what_is_mine_once_it_knows_who_i_am(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="Choose in the settings").click()
    await page.get_by_label("User").fill("odile.fernsby")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await axe(page)
    await no_horizontal_scroll(page)
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Hello, Odile")
    await expect(page.locator("section", has_text="What I own").get_by_role("listitem").first).to_be_visible()
    await axe(page)


async def test_theme_and_density_are_chosen_by_keyboard(pages: Pages) -> None:
    page = await pages.open("/settings")
    background = "getComputedStyle(document.body.parentElement).backgroundColor"
    light = await page.evaluate(background)
    await page.get_by_role("radio", name="As the system").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert await page.evaluate(background) != light
    await axe(page)
    await page.get_by_role("radio", name="Compact").check()
    appearance = page.get_by_role("region", name="Appearance")
    await appearance.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("html")).to_have_attribute("data-density", "compact")


async def test_the_menu_of_a_narrow_screen_opens_and_closes(pages: Pages) -> None:
    page = await pages.open("/", look=LIGHT_NARROW)
    navigation = page.get_by_role("navigation", name="Main")
    await expect(navigation).to_be_hidden()
    await page.get_by_role("button", name="Menu").focus()
    await page.keyboard.press("Enter")
    await expect(navigation).to_be_visible()
    await axe(page)
    await page.keyboard.press("Escape")
    await expect(navigation).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await navigation.get_by_role("link", name="Settings").click()
    await page.wait_for_url("**/settings")


async def test_the_first_tab_stop_leads_past_the_navigation(pages: Pages) -> None:
    page = await pages.open("/settings")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()


async def test_a_page_that_is_not_there_helps(pages: Pages, guard: Guard) -> None:
    guard.allow("404")
    page = await pages.open("/no-such-page")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    await page.get_by_role("link", name="Home").last.click()
    await page.wait_for_url("**/")


async def test_home_is_the_same_on_postgresql(pages: Pages, portal_on_postgresql: Server) -> None:
    page = await pages.open("/", base_url=portal_on_postgresql.base_url)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_role("list", name="Kinds").get_by_role("link", name="Component")).to_be_visible()
