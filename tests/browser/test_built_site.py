"""The built site on a server that only gives files: its search needs the browser's script, the rest none."""

from __future__ import annotations

import functools
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

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


async def test_the_built_site_is_read_without_script(pages: Pages, built: str) -> None:
    page = await pages.open("/marketplace/browse/?q=rope", base_url=built, javascript=False)
    await page.get_by_role("link", name="Tides").click()
    await expect(page.get_by_role("heading", level=1, name="Tides")).to_be_visible()
    await page.get_by_role("link", name="Harbour Works").first.click()
    await expect(page.get_by_role("heading", level=1, name="Harbour Works")).to_be_visible()
