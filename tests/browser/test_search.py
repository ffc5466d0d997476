from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, settled
from tests.browser.pages import LIGHT_NARROW, TWO_LOOKS, Look, Pages


async def test_the_palette_finds_and_opens_by_keyboard_alone(page: Page) -> None:
    await page.goto("/")
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search everything")
    await expect(field).to_be_focused()
    await page.keyboard.type("ticket")
    options = page.get_by_role("option")
    await expect(options.first).to_contain_text("icket")
    await axe(page)
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(field).to_have_attribute("aria-activedescendant", "option-2")
    await page.keyboard.press("ArrowUp")
    path = await options.first.get_attribute("data-path")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{path}")


async def test_the_palette_copies_refreshes_and_closes_by_keyboard(pages: Pages) -> None:
    page = await pages.open("/")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.keyboard.press("/")
    await page.keyboard.type("ticket shop")
    await expect(page.get_by_role("option").first).to_have_attribute(
        "data-ref", "component:default/ticket-shop"
    )
    await page.keyboard.press("Alt+c")
    await expect(page.locator(".toast")).to_have_text("Copied component:default/ticket-shop")
    assert await page.evaluate("navigator.clipboard.readText()") == "component:default/ticket-shop"
    await page.keyboard.press("Alt+r")
    await expect(page.locator(".toast")).to_contain_text("is being read again")
    await page.keyboard.press("Escape")
    await expect(page.locator("#palette")).to_be_hidden()


async def test_the_palette_opens_and_goes_by_mouse(pages: Pages) -> None:
    page = await pages.open("/settings")
    await page.get_by_label("Search everything", exact=True).first.click()
    await page.keyboard.type("ticketing")
    await page.locator('[role=option][data-ref="system:default/ticketing"]').click()
    await page.wait_for_url("**/catalog/default/system/ticketing")


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_results_are_filtered_as_one_chooses(page: Page, look: Look) -> None:
    await page.goto("/search?term=ticket")
    if not look.wide:
        await page.get_by_text("Filters", exact=True).click()
    status = page.get_by_role("status").filter(has_text="result")
    before = await status.inner_text()
    await page.get_by_role("checkbox", name="System").check()
    await page.wait_for_url("**kind=System**")
    await expect(status).not_to_have_text(before)
    await expect(page.get_by_role("checkbox", name="System")).to_be_checked()
    await settled(page)
    await axe(page)
    await page.reload()
    await expect(page.get_by_role("checkbox", name="System")).to_be_checked()


async def test_people_and_teams_are_found_by_the_name_they_go_by(pages: Pages) -> None:
    page = await pages.open("/search?term=ticket-window")
    await expect(page.locator(".hits a").first).to_have_text("Ticket Window")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("ticket-window")
    await expect(page.locator('[data-ref="group:default/ticket-window"]')).to_contain_text("Ticket Window")


async def test_results_follow_what_one_types(pages: Pages) -> None:
    page = await pages.open("/search")
    await page.get_by_label("Search for").fill("boarding")
    await page.wait_for_url("**term=boarding**")
    await expect(page.locator(".hits li").first).to_contain_text("oarding")
    await expect(page.get_by_label("Search for")).to_be_focused()


async def test_searching_needs_no_script(pages: Pages) -> None:
    page = await pages.open("/", javascript=False, look=LIGHT_NARROW)
    await page.get_by_label("Search services, APIs, teams and people").fill("ticket")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/search?term=ticket")
    await expect(page.locator(".hits li").first).to_be_visible()
    await page.get_by_text("Filters", exact=True).click()
    await page.get_by_role("checkbox", name="System").check()
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_url("**kind=System**")
    await expect(page.locator(".hits li")).to_have_count(1)


async def test_nothing_found_helps(pages: Pages) -> None:
    page = await pages.open("/search?term=zzzzqqq")
    await expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
