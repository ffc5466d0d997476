"""The list of entities: found, sorted, paged, exported, pinned and refreshed, by mouse and by keyboard."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll, settled
from tests.browser.pages import LIGHT_NARROW, LIGHT_WIDE, TWO_LOOKS, Look, Pages

ROWS = ".catalog-table tbody tr"


async def names(page: Page) -> list[str]:
    return await page.locator(f"{ROWS} th .entity-link span").all_inner_texts()


def query(page: Page) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(page.url).query)


async def asked(page: Page, expected: list[tuple[str, str]]) -> None:
    """Waits until the URL says what is shown, and the page shows it."""
    await page.wait_for_function(
        "shown => JSON.stringify([...new URLSearchParams(location.search)]) === JSON.stringify(shown)",
        arg=[list(pair) for pair in expected],
    )
    await settled(page)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_its_menus_are_accessible_and_fit(page: Page, look: Look) -> None:
    await page.goto("/catalog?filters[kind]=all")
    if not look.wide:
        await page.get_by_text("Filters", exact=True).click()
    for menu in ("Columns", "Export", "Pin"):
        await page.locator("summary", has_text=menu).click()
        if (
            look.wide
        ):  # where it is narrow a menu lies over half a row, whose other half seems too small to axe
            await axe(page)
        await no_horizontal_scroll(page)


async def test_a_list_is_narrowed_sorted_and_shared_by_mouse(pages: Pages) -> None:
    page = await pages.open("/catalog")
    every = await names(page)
    box = page.get_by_role("checkbox", name="website")
    count = int(await page.locator("label", has=box).locator(".count").inner_text())
    await box.click()
    await asked(page, [("filters[type]", "website")])
    assert len(await names(page)) == count < len(every)
    await expect(box).to_be_checked()
    await expect(box).to_be_focused()  # the list was replaced around it
    await expect(page.locator("#catalog-status")).to_have_text(f"{count} entities")

    await page.get_by_role("link", name="Owner", exact=True).click()
    await asked(page, [("filters[type]", "website"), ("sort", "owner")])
    await expect(page.locator("th[aria-sort]")).to_have_text("Owner")
    owners = await page.locator(f'{ROWS} td[data-label="Owner"]').all_inner_texts()
    assert owners == sorted(owners, key=str.lower)
    shown = await names(page)
    await page.reload()
    assert await names(page) == shown
    other = await pages.open(page.url)
    assert await names(other) == shown

    await page.get_by_role("link", name="Remove this filter: Type: website").click()
    await asked(page, [("sort", "owner")])
    assert sorted(await names(page)) == sorted(every)
    await page.go_back()
    await asked(page, [("filters[type]", "website"), ("sort", "owner")])
    assert await names(page) == shown

    await page.get_by_role("link", name="API").click()
    await asked(page, [("filters[kind]", "api"), ("sort", "owner")])
    await expect(page.locator('.kinds [aria-current="true"]')).to_contain_text("API")

    await page.get_by_role("link", name="All kinds").click()
    await page.get_by_role("link", name="Next").click()
    await asked(page, [("filters[kind]", "all"), ("sort", "owner"), ("offset", "20")])
    await page.get_by_role("link", name="Previous").click()
    await asked(page, [("filters[kind]", "all"), ("sort", "owner")])


async def test_what_is_typed_narrows_the_list_and_stays(pages: Pages) -> None:
    page = await pages.open("/catalog?filters[kind]=all")
    field = page.get_by_role("searchbox", name="Find by name, title or tag")
    await field.press_sequentially("ticket", delay=60)
    await asked(page, [("filters[kind]", "all"), ("filters[text]", "ticket")])
    assert any("Ticket" in name for name in await names(page))
    await expect(field).to_have_value("ticket")
    await expect(field).to_be_focused()


async def test_everything_goes_by_keyboard(pages: Pages) -> None:
    page = await pages.open("/catalog?filters[kind]=all")
    await page.keyboard.press("j")
    first = (await names(page))[0]
    await expect(page.locator(":focus")).to_have_text(first)
    await page.keyboard.press("j")
    await expect(page.locator(":focus")).to_have_text((await names(page))[1])
    await page.keyboard.press("k")
    await page.keyboard.press("]")
    await asked(page, [("filters[kind]", "all"), ("offset", "20")])
    await expect(page.locator("#catalog-range")).to_contain_text("21–40 of")
    second = await names(page)
    assert first not in second
    await page.reload()
    assert await names(page) == second
    await page.keyboard.press("[")
    await asked(page, [("filters[kind]", "all")])
    assert (await names(page))[0] == first

    box = page.get_by_role("checkbox", name="production")
    await box.focus()
    await page.keyboard.press("Space")
    await asked(page, [("filters[kind]", "all"), ("filters[lifecycles]", "production")])
    await expect(page.get_by_role("checkbox", name="production")).to_be_focused()

    await page.get_by_role("link", name="Name", exact=True).focus()
    await page.keyboard.press("Enter")
    await asked(page, [("filters[kind]", "all"), ("filters[lifecycles]", "production"), ("sort", "-name")])
    await expect(page.get_by_role("link", name="Name", exact=True)).to_be_focused()
    shown = await names(page)
    assert shown == sorted(shown, key=str.lower, reverse=True)

    await page.locator("summary", has_text="Columns").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.locator("summary", has_text="Columns")).to_be_focused()

    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/catalog/*/*/*")


async def test_the_tools_of_the_list_go_by_keyboard(pages: Pages) -> None:
    page = await pages.open("/catalog", look=LIGHT_NARROW)
    await page.locator("summary", has_text="Filters").press("Enter")
    await expect(page.get_by_role("checkbox", name="website")).to_be_visible()
    await page.locator("summary", has_text="Columns").press("Enter")
    menu = page.locator('form[action="/catalog/columns"]')
    await page.keyboard.press("Tab")
    await expect(menu.get_by_label("Namespace")).to_be_focused()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator('td[data-label="Namespace"]').first).to_be_visible()

    await page.locator("summary", has_text="Export").press("Enter")
    await page.keyboard.press("Tab")
    async with page.expect_download() as download:
        await page.keyboard.press("Enter")
    assert (await download.value).suggested_filename == "catalog-component.csv"
    await page.keyboard.press("Escape")

    await page.keyboard.press("Tab")
    await expect(page.locator("summary", has_text="Pin")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Everything built")
    await page.keyboard.press("Enter")
    pins = page.get_by_role("navigation", name="Pinned views")
    await expect(pins.get_by_role("link", name="Everything built")).to_be_visible()

    first = (await names(page))[0]
    star = page.get_by_role("button", name=f"Star {first}")
    await page.get_by_role("checkbox", name=f"Choose {first}").press("Space")
    await page.keyboard.press("Tab")
    await expect(star).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Refresh the chosen").press("Enter")
    await expect(page.locator("#catalog-message")).to_contain_text("1 entity is being read again")


async def test_columns_are_chosen_and_kept(pages: Pages) -> None:
    page = await pages.open("/catalog")
    await page.locator("summary", has_text="Columns").click()
    menu = page.locator('form[action="/catalog/columns"]')
    await menu.get_by_label("Namespace").check()
    await menu.get_by_label("Description").uncheck()
    await menu.get_by_role("button", name="Show these").click()
    heads = page.locator(".catalog-table thead th")
    await expect(heads.filter(has_text="Namespace")).to_be_visible()
    await expect(heads.filter(has_text="Description")).to_have_count(0)
    await page.goto("/catalog?filters[type]=website")
    await expect(heads.filter(has_text="Namespace")).to_be_visible()
    await page.locator("summary", has_text="Columns").click()
    await menu.get_by_role("button", name="Reset").click()
    await expect(heads.filter(has_text="Description")).to_be_visible()


async def test_an_export_is_what_is_listed(pages: Pages) -> None:
    page = await pages.open("/catalog?filters[type]=website&sort=-name")
    found: dict[str, Path] = {}
    for form in ("CSV", "JSON"):
        await page.locator("summary", has_text="Export").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name=form).click()
        file = await download.value
        found[file.suggested_filename] = await file.path()
        await page.keyboard.press("Escape")
    shown = await names(page)
    rows = list(csv.DictReader(found["catalog-component.csv"].read_text().splitlines()))
    items = json.loads(found["catalog-component.json"].read_text())
    assert len(rows) == len(items) == len(shown) > 1
    assert [row["ref"] for row in rows] == [item["ref"] for item in items]
    boxes = await page.get_by_role("checkbox", name="Choose").all()
    assert [row["ref"] for row in rows] == [await box.get_attribute("value") for box in boxes]


async def test_a_view_is_pinned_and_the_pin_removed(pages: Pages) -> None:
    page = await pages.open("/catalog?filters[lifecycles]=production&filters[type]=service")
    await page.locator("summary", has_text="Pin").click()
    await page.get_by_label("Name of this view").fill("Live services")
    await page.keyboard.press("Enter")
    pin = page.get_by_role("navigation", name="Pinned views").get_by_role("link", name="Live services")
    await expect(pin).to_have_attribute("aria-current", "page")
    await page.goto("/catalog")
    await pin.click()
    await asked(page, [("filters[type]", "service"), ("filters[lifecycles]", "production")])
    await axe(page)
    await page.locator("summary", has_text="Pinned").click()
    await page.get_by_role("button", name="Remove the pin Live services").click()
    await expect(pin).to_have_count(0)


async def test_chosen_entities_are_starred_and_refreshed(pages: Pages) -> None:
    page = await pages.open("/catalog")
    boxes = page.get_by_role("checkbox", name="Choose")
    await boxes.nth(0).check()
    await boxes.nth(2).focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Refresh the chosen").click()
    message = page.locator("#catalog-message")
    await expect(message).to_contain_text("2 entities are being read again")
    total = len(await names(page))
    await page.get_by_role("button", name="Refresh all").click()
    await expect(message).to_contain_text(f"{total} entities are being read again")
    await axe(page)

    first = (await names(page))[0]
    star = page.get_by_role("button", name=f"Star {first}")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("link", name="Starred").click()
    await asked(page, [("filters[user]", "starred")])
    assert await names(page) == [first]


async def test_narrow_windows_keep_the_filters_open_while_they_are_used(pages: Pages) -> None:
    page = await pages.open("/catalog", look=LIGHT_NARROW)
    box = page.get_by_role("checkbox", name="website")
    await expect(box).to_be_hidden()
    await page.get_by_text("Filters", exact=True).click()
    await box.click()
    await asked(page, [("filters[type]", "website")])
    await expect(box).to_be_visible()
    await expect(page.locator("#catalog-active")).to_have_text("1")


async def test_without_script_one_filters_pages_and_reads(pages: Pages) -> None:
    page = await pages.open("/catalog?filters[kind]=all", javascript=False, look=LIGHT_WIDE)
    await page.get_by_role("link", name="Next").click()
    assert ("offset", "20") in query(page)
    await page.get_by_role("link", name="Component").click()
    await page.get_by_role("checkbox", name="website").check()
    await page.get_by_label("Find by name, title or tag").fill("o")
    await page.get_by_role("button", name="Apply").first.click()
    assert ("filters[type]", "website") in query(page)
    shown = await names(page)
    assert shown
    assert all("o" in name.lower() for name in shown[:1])
    await page.locator("summary", has_text="Columns").click()
    await page.locator('form[action="/catalog/columns"]').get_by_label("Type").uncheck()
    await page.get_by_role("button", name="Show these").click()
    await expect(page.locator(".catalog-table thead th", has_text="Type")).to_have_count(0)
    assert await names(page) == shown
    await page.get_by_role("button", name="Refresh all").click()
    await expect(page.locator("#catalog-message")).to_contain_text("being read again")
    await page.locator(f"{ROWS} th a").first.click()
    await page.wait_for_url("**/catalog/*/*/*")
