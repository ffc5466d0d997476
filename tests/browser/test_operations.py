"""The operations pages in a browser, on a portal where things went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll
from tests.browser.guard import Guard
from tests.browser.pages import LIGHT_NARROW, TWO_LOOKS, Pages
from tests.browser.troubled import troubled_portal
from tests.servers import Server


@pytest.fixture
def own_troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For one test that decides something."""
    with troubled_portal(tmp_path_factory.mktemp("troubled")) as server:
        yield server


async def test_what_needs_attention_leads_to_where_it_is_decided(pages: Pages, troubled: Server) -> None:
    page = await pages.open("/admin", base_url=troubled.base_url)
    await page.get_by_role("link", name="1 mass deletion is held back").click()
    await expect(page.get_by_role("heading", name="harbour-inventory")).to_be_visible()
    await page.get_by_text("12 entities are missing").click()
    await expect(page.get_by_role("link", name="crane-11")).to_be_visible()


async def test_the_numbers_renew_themselves_and_leave_the_focus_alone(pages: Pages, troubled: Server) -> None:
    page = await pages.open(base_url=troubled.base_url)
    await page.clock.install()
    await page.goto("/admin")
    link = page.get_by_role("link", name=re.compile("orphans"))
    await link.focus()
    async with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        await page.clock.run_for(10_500)
    await expect(link).to_be_focused()
    await expect(page.locator("#numbers")).to_contain_text("entities known")


async def test_problems_are_filtered_by_keyboard(pages: Pages, troubled: Server) -> None:
    page = await pages.open("/admin/problems", base_url=troubled.base_url)
    await page.get_by_role("link", name="Errors 3").press("Enter")
    await page.get_by_role("searchbox", name="Words in the problem").fill("gone.yaml")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"type=error&q=gone\.yaml"))
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody")).to_contain_text("catalog-info.yaml:9:7")


async def test_a_location_is_read_again(pages: Pages, troubled: Server) -> None:
    page = await pages.open("/admin/sources", base_url=troubled.base_url)
    await page.get_by_role("button", name="Read again: Harbour").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is being read again")


async def test_deletions_are_decided_by_keyboard(pages: Pages, own_troubled: Server) -> None:
    page = await pages.open("/admin/held-back", base_url=own_troubled.base_url)
    delete = page.get_by_role("button", name="Delete 12 entities")
    await delete.press("Enter")  # the browser asks for the tick first
    await expect(page).to_have_url(re.compile("/admin/held-back$"))
    await page.get_by_role("checkbox").press("Space")
    await page.keyboard.press("Tab")
    await expect(delete).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("The entities were deleted. (12)")
    await expect(page.get_by_role("heading", name="No deletion is held back")).to_be_visible()
    await axe(page)
    await page.get_by_role("link", name="Orphans").press("Enter")
    await page.get_by_role("checkbox", name="Choose component:default/bollard").press("Space")
    await page.get_by_role("button", name="Delete the chosen ones").press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("(1)")


async def test_decisions_work_without_javascript(pages: Pages, own_troubled: Server, guard: Guard) -> None:
    page = await pages.open("/admin/held-back", base_url=own_troubled.base_url, javascript=False)
    await page.get_by_role("button", name="Keep the entities").click()
    await expect(page.get_by_text("kept by decision")).to_be_visible()
    await page.goto("/admin/orphans")
    await page.get_by_role("checkbox", name="Choose component:default/bollard").check()
    await page.get_by_role("button", name="Delete the chosen ones").click()
    await expect(page.get_by_role("status").first).to_contain_text("(1)")
    await page.get_by_role("checkbox", name=re.compile("All of them")).check()
    await page.get_by_role("button", name="Delete all 1").click()
    await expect(page.get_by_role("heading", name="No orphans")).to_be_visible()


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_the_tabs_are_walked_by_mouse(page: Page) -> None:
    await page.goto("/admin")
    tabs = page.get_by_role("navigation", name="Operations")
    for name in ("Sources", "Queue", "Problems", "Held back", "Orphans", "Index", "Overview"):
        await tabs.get_by_role("link", name=name).click()
        await expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    await expect(page.get_by_text("Nothing. Every source was read")).to_be_visible()


async def test_a_long_path_among_the_slowest_stays_in_its_card(pages: Pages, troubled: Server) -> None:
    page = await pages.open("/admin", look=LIGHT_NARROW, base_url=troubled.base_url)
    path = "GET /api/catalog/entities/by-name/" + "component" * 12
    await page.evaluate(
        """(text) => {
          const list = document.querySelector('.states').cloneNode(false);
          list.innerHTML = '<li><code class="truncate"></code><b><span class="nowrap">1.25 s</span></b></li>';
          list.querySelector('code').textContent = text;
          document.querySelector('.states').after(list);
        }""",
        path,
    )
    await no_horizontal_scroll(page)
