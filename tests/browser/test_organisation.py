"""The organisation by mouse and by keyboard, in every look, and without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll, settled
from tests.browser.pages import TWO_LOOKS, Pages
from tests.servers import running_server

GROUP = "/catalog/default/group/lantern-line"


async def sound(page: Page) -> None:
    await axe(page)
    await no_horizontal_scroll(page)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_the_organisation_is_walked_by_mouse(page: Page) -> None:
    await page.goto("/organisation")
    gangway = page.get_by_role("link", name="Gangway", exact=True)
    await expect(gangway).to_be_visible()
    await page.locator("summary", has_text="Passenger Services").click()
    await expect(gangway).to_be_hidden()
    await page.get_by_role("searchbox", name="Find groups by name or type").fill("bridge")
    await expect(page.locator("mark")).to_have_text("Bridge")
    await expect(page).to_have_url("/organisation?filter=bridge")
    await expect(gangway).to_have_count(0)
    await sound(page)
    await page.reload()
    await expect(page.locator("mark")).to_have_text("Bridge")
    await page.get_by_role("link", name="No parent").click()
    await sound(page)
    await page.get_by_role("link", name="No group").click()
    await sound(page)
    await page.goto("/organisation?root=passenger-services")
    await expect(page.get_by_role("navigation", name="Breadcrumb")).to_contain_text("Lantern Line")
    await sound(page)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_members_ownership_and_cards_are_sound(page: Page) -> None:
    await page.goto(f"{GROUP}/members")
    await page.get_by_role("link", name="With child groups (12)").click()
    await expect(page.get_by_role("link", name="Amina Sol")).to_be_visible()
    await sound(page)
    await page.goto(f"{GROUP}/ownership")
    await page.get_by_role("link", name=re.compile(r"With child groups \(\d+\)")).click()
    await sound(page)
    await page.get_by_role("link", name="Resource", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/catalog\?.*owners"))


async def test_the_organisation_is_walked_by_keyboard(pages: Pages) -> None:
    page = await pages.open("/organisation")
    await page.get_by_role("searchbox", name="Find groups by name or type").focus()
    for _ in range(6):  # Find, the top group, its people, what it owns, its fold, its first child
        await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Passenger Services", exact=True)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Passenger Services", exact=True)).to_be_hidden()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Passenger Services")
    await page.goto("/organisation")
    await page.get_by_role("searchbox", name="Find groups by name or type").focus()
    await page.keyboard.type("stok")
    await expect(page.locator("mark")).to_have_text("Stok")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url("/organisation?filter=stok")


async def test_everything_is_there_without_a_script(pages: Pages) -> None:
    page = await pages.open("/organisation", javascript=False)
    gangway = page.get_by_role("link", name="Gangway", exact=True)
    await expect(gangway).to_be_visible()
    await page.locator("summary", has_text="Passenger Services").click()
    await expect(gangway).to_be_hidden()
    await page.get_by_role("searchbox", name="Find groups by name or type").fill("bridge")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("mark")).to_have_text("Bridge")
    await page.goto(f"{GROUP}/members?with=all")
    await expect(page.get_by_role("link", name="Amina Sol")).to_be_visible()


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Groups one below the other, further down than a page shows at once."""
    groups = [
        "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
        f"metadata: {{name: level-{number}}}\nspec: {{type: team, children: []"
        + (f", parent: level-{number - 1}}}\n" if number else "}\n")
        for number in range(12)
    ]
    path = tmp_path / "groups.yaml"
    path.write_text("---\n".join(groups))
    return path


async def test_deep_branches_come_when_they_are_unfolded(pages: Pages, deep: Path, tmp_path: Path) -> None:
    with running_server([deep], data=tmp_path / "data") as server:
        page = await pages.open("/organisation", base_url=server.base_url)
        last = page.get_by_role("link", name="level-11", exact=True)
        await expect(page.get_by_role("link", name="level-8", exact=True)).to_be_visible()
        await expect(last).to_have_count(0)
        await page.locator("summary", has_text="Child groups of level-8").click()
        await expect(last).to_be_visible()
        await settled(page)
        await axe(page)
        plain = await pages.open("/organisation", base_url=server.base_url, javascript=False)
        await plain.locator("summary", has_text="Child groups of level-8").click()
        await plain.get_by_role("link", name="Show 1 child group").click()
        await expect(plain.get_by_role("link", name="level-11", exact=True)).to_be_visible()
