"""The built site on a server that only gives files: its search needs the browser's script, the rest none."""

from __future__ import annotations

import functools
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.pages import Pages
from tests.marketplace.site.conftest import shelf
from tests.servers import COMMAND


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the built site of a small shelf."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "shelf.yaml").write_text("\n---\n".join(json.dumps(one) for one in shelf()))
    command = [str(COMMAND), "site", "build", "--out", str(folder / "out"), str(folder / "shelf.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    handler = functools.partial(Quiet, directory=str(folder / "out"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_the_search_of_the_built_site_needs_no_server(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/browse/", base_url=built)
    results = page.locator(".browse-results")
    await expect(results.get_by_role("heading", name="Ropes")).to_be_visible()
    words = page.locator("#market-term")
    await words.fill("tide")
    await expect(results.get_by_role("status")).to_have_text("1 listing for “tide”")
    await expect(results.get_by_role("link", name="Tides")).to_be_visible()
    await expect(results.get_by_role("heading", name="Ropes")).to_have_count(0)
    await words.fill("harbour works")
    await expect(results.get_by_role("status")).to_have_text("2 listings for “harbour works”")
    await words.fill("<b>zzz")
    await expect(results.get_by_role("status")).to_have_text("Nothing fits “<b>zzz”.")
    await words.fill("")
    await expect(results.get_by_role("heading", name="Ropes")).to_be_visible()


async def test_words_in_the_address_are_searched_for(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/browse/?q=rope", base_url=built)
    await expect(page.get_by_role("status")).to_have_text("1 listing for “rope”")


async def test_every_facet_is_counted_and_chosen_without_a_server(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/browse/", base_url=built)
    facets, results = page.locator(".facets"), page.locator(".browse-results")
    await page.get_by_role("button", name="All filters").click()
    host = facets.get_by_role("region", name="Works with")
    await expect(host.get_by_role("link")).to_have_text(["Backstage 1", "Callboard 1"], use_inner_text=True)
    await expect(facets.get_by_role("region", name="Lifecycle")).to_have_count(0)  # it divides nothing
    await host.get_by_role("link", name="Callboard").click()
    await expect(results.get_by_role("status")).to_have_text("1 listing")
    await expect(results.get_by_role("link", name="Tides")).to_be_visible()
    chosen = host.get_by_role("link", name="Callboard")
    await expect(chosen).to_have_attribute("aria-current", "true")
    await expect(chosen).to_be_focused()
    assert urlsplit(page.url).query == "host=callboard"
    await page.locator("#market-term").fill("rope")
    await expect(results.get_by_role("status")).to_contain_text("Nothing fits “rope”.")
    await page.reload()
    await expect(results.get_by_role("status")).to_contain_text("Nothing fits “rope”.")
    await results.get_by_role("link", name="Clear").click()
    await expect(results.get_by_role("link", name="Ropes")).to_be_visible()


async def test_links_to_what_has_no_page_of_its_own_are_filtered(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/plugins/default/tides/", base_url=built)
    await page.get_by_role("link", name="water").click()
    await expect(page.get_by_role("status")).to_contain_text("1 listing")
    await expect(page.locator(".browse-results").get_by_role("link", name="Tides")).to_be_visible()


async def test_a_list_of_a_category_is_searched_within_it(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/browse/category/harbour/", base_url=built)
    await page.locator("#market-term").fill("rope")
    await expect(page.get_by_role("status")).to_contain_text("1 listing for “rope”")
    assert dict(parse_qsl(urlsplit(page.url).query)) == {"q": "rope", "category": "Harbour"}


async def test_listings_stand_side_by_side_without_a_server(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/plugins/default/tides/", base_url=built)
    await page.get_by_role("link", name="Compare").click()
    table = page.get_by_role("table")
    await expect(table.get_by_role("columnheader")).to_contain_text(["Tides"])
    await page.get_by_label("Find a listing to compare").fill("rop")
    await page.get_by_role("link", name="Add Ropes").click()
    await expect(table.get_by_role("columnheader")).to_contain_text(["Tides", "Ropes"])
    license = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="License"))
    await expect(license.get_by_role("cell")).to_have_text(["MIT", "–"])
    await expect(page.get_by_role("rowheader", name="Contact")).to_have_count(0)  # nobody stated one
    await page.get_by_role("link", name="Remove Tides").click()
    await expect(table.get_by_role("columnheader")).to_contain_text(["Ropes"])
    assert parse_qsl(urlsplit(page.url).query) == [("with", "default/ropes")]
    page = await pages.open("/marketplace/compare/?with=../../x", base_url=built)
    await expect(page.get_by_role("heading", name="Choose what to compare")).to_be_visible()
    await expect(page.get_by_role("table")).to_have_count(0)


async def test_the_built_site_is_read_without_script(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/browse/?q=rope", base_url=built, javascript=False)
    await page.get_by_role("link", name="Tides").click()
    await expect(page.get_by_role("heading", level=1, name="Tides")).to_be_visible()
    await page.get_by_role("link", name="Harbour Works").first.click()
    await expect(page.get_by_role("heading", level=1, name="Harbour Works")).to_be_visible()
