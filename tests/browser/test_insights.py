"""What one run over the example's numbers shows: insights, runs, datasets, rankings and health."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, layout_shift, no_horizontal_scroll
from tests.browser.keyboard import walked_by_keyboard
from tests.browser.measured import LISTING, first_run
from tests.browser.pages import TWO_LOOKS, Look, Pages
from tests.servers import Server

PAGES = (
    "/insights",
    "/insights?days=365",
    "/admin/pipelines",
    "/admin/pipelines/runs",
    "/admin/pipelines/lineage",
    "/marketplace",
    "/marketplace/browse?sort=trending",
    "/marketplace/browse?sort=healthiest",
    LISTING,
)


@pytest.fixture(scope="module")
def run(portal: Server) -> str:
    """The id of the run that the portal began by itself."""
    return first_run(portal)


async def test_every_page_with_numbers_stands_in_every_look(page: Page, look: Look, run: str) -> None:
    for path in (*PAGES, f"/admin/pipelines/runs/{run}"):
        await page.goto(path)
        assert await layout_shift(page) < 0.05, path
        assert await page.locator("h1").count() == 1, path
        await axe(page, only_colours=look not in TWO_LOOKS)
        await no_horizontal_scroll(page)
        if look in TWO_LOOKS:
            await walked_by_keyboard(page)


async def test_a_chart_has_its_numbers_beneath_and_gives_them_away(pages: Pages, run: str) -> None:
    page = await pages.open("/insights?days=90")
    report = page.get_by_role("region", name="Growth of the catalog")
    await report.get_by_text("Numbers").first.click()
    rows = report.get_by_role("row")
    shown = await rows.count() - 1
    assert shown > 5
    link = report.get_by_role("link", name="CSV of Growth of the catalog")
    async with page.expect_download() as download:
        await link.click()
    with (await (await download.value).path()).open(newline="") as file:
        given = list(csv.reader(file))
    titles = [await one.inner_text() for one in await report.get_by_role("columnheader").all()]
    assert len(given[0]) == len(titles)
    assert len(given) - 1 >= shown


async def test_a_health_score_can_be_added_up_from_its_reasons(pages: Pages, run: str) -> None:
    page = await pages.open(LISTING)
    health = page.get_by_role("region", name="Health")
    total = int(await health.locator(".health-score b").inner_text())
    parts = await health.get_by_role("listitem").all()
    points = [float((await one.locator(".count").inner_text()).split("/")[0]) for one in parts]
    most = [float((await one.locator(".count").inner_text()).split("/")[1]) for one in parts]
    assert len(parts) == 7
    assert round(100 * sum(points) / sum(most)) == total
    for one in parts:
        assert re.search(r"\w+ \w+", await one.locator("p").inner_text()), "every part says why"


async def test_a_dataset_is_an_entity_with_what_it_is_made_of(pages: Pages, run: str) -> None:
    page = await pages.open("/admin/pipelines/lineage")
    row = page.get_by_role("row").filter(has_text="marts.rankings")
    await expect(row.first).to_be_visible()
    await page.get_by_role("table").get_by_role("link", name="marts.rankings").first.click()
    await expect(page).to_have_url(re.compile("/catalog/"))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("rankings")
    checks = page.get_by_role("table", name="Checks of the newest day")
    await expect(checks.get_by_text("passed").first).to_be_visible()
    await expect(page.get_by_text("Expected at least every")).to_be_visible()
    await axe(page)


async def test_the_marketplace_ranks_by_the_marts(pages: Pages, run: str) -> None:
    page = await pages.open("/marketplace/browse?sort=popular")
    numbers = page.get_by_title("downloads in 30 days")
    await expect(numbers.first).to_be_visible()
    counts = [_count((await one.inner_text()).split()[-1]) for one in await numbers.all()]
    assert len(counts) > 5
    assert counts == sorted(counts, reverse=True)


def _count(text: str) -> float:
    """The number in a text such as 950, 1.2k or 3.4M."""
    scale = {"k": 1e3, "m": 1e6}.get(text[-1].lower(), 1)
    return float(text.rstrip("kKmM")) * scale
