"""The entity page in a browser: every tab and action, by mouse and by keyboard, and how it keeps current."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll
from tests.browser.guard import Guard
from tests.browser.pages import DARK_NARROW, LIGHT_WIDE, TWO_LOOKS, Look, OwnPortal, Pages

BOOKING = "/catalog/default/component/booking-service"
TABS = ("Dependencies", "APIs", "Relations", "History", "Inspect", "Overview")
VIEWS = ("Ancestry", "Colocated", "JSON", "YAML", "Raw source")


async def good(page: Page) -> None:
    await axe(page)
    await no_horizontal_scroll(page)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_every_tab_is_reached_by_mouse(page: Page) -> None:
    await page.goto(BOOKING)
    tabs = page.get_by_role("navigation", name="Views of this entity")
    for name in TABS:
        await tabs.get_by_role("link", name=name, exact=True).click()
        await expect(tabs.locator("[aria-current=page]")).to_have_text(name)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_every_view_of_the_inspection_is_reached_by_mouse(pages: Pages, look: Look) -> None:
    page = await pages.open(f"{BOOKING}/inspect", look=look)
    views = page.get_by_role("navigation", name="What to inspect")
    for name in VIEWS:
        await views.get_by_role("link", name=name).click()
        await expect(views.locator("[aria-current]")).to_have_text(name)
        await good(page)
    await expect(page.get_by_role("region", name="The descriptor in its file")).to_contain_text(
        "booking-service"
    )


async def test_what_is_missing_leads_to_what_was_meant(pages: Pages, guard: Guard) -> None:
    guard.allow("404")
    page = await pages.open("/catalog/default/component/booking-servise")
    await page.get_by_role("link", name="Booking service").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Booking service")


async def test_star_copy_menu_and_refresh_by_mouse(pages: Pages) -> None:
    page = await pages.open()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(BOOKING)
    star = page.get_by_role("button", name="Star Booking service")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Copy the reference").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "component:default/booking-service"
    await page.get_by_label("More actions").click()
    await axe(page)
    await expect(page.get_by_role("link", name="Unregister")).to_be_visible()
    await page.get_by_role("heading", level=1).click()
    await expect(page.get_by_role("link", name="Unregister")).to_be_hidden()
    await page.get_by_role("button", name="Refresh", exact=True).click()
    await expect(page.get_by_text("The source is being read again.")).to_be_visible()
    await axe(page)


async def test_everything_by_keyboard(pages: Pages) -> None:
    page = await pages.open(look=DARK_NARROW)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(BOOKING)
    await page.get_by_role("button", name="Copy the reference").press("Enter")
    assert await page.evaluate("navigator.clipboard.readText()") == "component:default/booking-service"
    await page.keyboard.press("Tab")
    star = page.get_by_role("button", name="Star Booking service")
    await expect(star).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(star).to_have_attribute("aria-pressed", "true")
    await star.focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Refresh", exact=True)).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    inspect = page.locator(".menu-content").get_by_role("link", name="Inspect")
    await expect(inspect).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(inspect).to_be_hidden()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(inspect).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/inspect$"))
    link = page.get_by_role("navigation", name="Views of this entity").get_by_role("link", name="History")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="History")).to_be_visible()
    await page.get_by_role("link", name=re.compile("As it was")).first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="The entity as it was")).to_contain_text("booking-service")
    await page.get_by_role("button", name="Refresh", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The source is being read again.")).to_be_visible()


async def test_labels_open_and_a_file_comes_down(pages: Pages) -> None:
    page = await pages.open(BOOKING)
    await page.get_by_text("Labels", exact=False).last.click()
    await page.goto(f"{BOOKING}/inspect?view=json")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download").click()
    assert (await coming.value).suggested_filename == "booking-service.json"


async def test_reading_needs_no_script(pages: Pages) -> None:
    page = await pages.open(BOOKING, javascript=False)
    for name in TABS:
        await (
            page.get_by_role("navigation", name="Views of this entity").get_by_role("link", name=name).click()
        )
        await expect(page.get_by_role("heading", level=1)).to_have_text("Booking service")
    await page.get_by_role("button", name="Star Booking service").click()
    star = page.get_by_role("button", name="Star Booking service")
    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.get_by_label("More actions").click()
    await page.get_by_role("link", name="Unregister").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Unregister Booking service")
    await page.get_by_role("link", name="Keep it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Booking service")


async def test_on_paper_stands_what_matters(pages: Pages) -> None:
    page = await pages.open(BOOKING, look=LIGHT_WIDE)
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation", name="Views of this entity")).to_be_hidden()
    await expect(page.get_by_role("button", name="Refresh", exact=True)).to_be_hidden()
    await expect(page.get_by_text("lanternline.example.com/tier")).to_be_visible()
    await expect(page.get_by_role("heading", name="About")).to_be_visible()


async def test_a_file_edited_on_disk_changes_the_open_page(own_portal: OwnPortal, pages: Pages) -> None:
    page = await pages.open(BOOKING, base_url=own_portal.base_url)
    await page.get_by_text("Labels", exact=False).last.focus()
    await page.evaluate("window.stayed = true")
    await page.locator("#details-annotations summary").click()
    await page.wait_for_timeout(300)  # the stream of changes is open
    path = own_portal.folder / "systems" / "ticketing" / "catalog-info.yaml"
    text = path.read_text()
    path.write_text(text.replace("title: Booking service", "title: Booking of berths"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Booking of berths")
    assert await page.evaluate("window.stayed")
    await expect(page.locator("#details-annotations")).to_have_attribute("open", "")
    path.write_text(
        text.replace("type: service\n  lifecycle: production\n  owner: ticket-window", "type: [1]", 1)
    )
    errors = page.get_by_role("link", name=re.compile(r"Errors \(\d"))
    await expect(errors).to_be_visible()
    await axe(page)
    await errors.click()
    await expect(page.locator(".entity-excerpt .here").last).to_contain_text("type: [1]")
    await good(page)
    path.write_text(text)
    await expect(page.get_by_text("Nothing here for this entity")).to_be_visible()


async def test_entities_are_removed_by_mouse_and_by_keyboard(
    own_portal: OwnPortal, pages: Pages, guard: Guard
) -> None:
    guard.allow("404")  # of the address that the removed entity had
    page = await pages.open(f"{BOOKING}", base_url=own_portal.base_url)
    await page.get_by_label("More actions").click()
    await page.get_by_role("link", name="Unregister").click()
    await expect(page.get_by_text("CommandLineProvider")).to_be_visible()
    await page.get_by_role("button", name="Delete until it is read again").click()
    await expect(page).to_have_url(re.compile(r"/catalog\?done=delete$"))
    await page.goto(BOOKING)
    await expect(page.get_by_text("It was deleted")).to_be_visible()
    await good(page)

    await page.goto(BOOKING.replace("booking-service", "ticket-shop"))
    await page.get_by_label("More actions").press("Enter")
    await page.get_by_role("link", name="Unregister").press("Enter")
    await page.get_by_role("button", name="Delete until it is read again").press("Enter")
    await expect(page).to_have_url(re.compile(r"/catalog\?done=delete$"))
