from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, no_horizontal_scroll
from tests.browser.pages import TWO_LOOKS, Pages
from tests.servers import running_server

APIS = {
    "timetable-api": "/sailings/{code}",
    "boarding-events": "boarding",
    "traveller-graph": "sailingChanged",
    "fares-api": "service",
    "quayside-assistant": "http",
}


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
@pytest.mark.parametrize("name", APIS)
async def test_every_type_of_definition_is_readable(page: Page, name: str) -> None:
    await page.goto(f"/catalog/default/api/{name}/definition")
    await expect(page.locator(".api-docs")).to_contain_text(APIS[name], ignore_case=True)
    for entry in await page.locator(".api-docs details").all():
        await entry.evaluate("one => { one.open = true; }")
    await axe(page)
    await no_horizontal_scroll(page)


async def test_operations_are_filtered_opened_and_linked(pages: Pages) -> None:
    page = await pages.open("/catalog/default/api/timetable-api/definition")
    entries = page.locator("details.api-entry:visible")
    before = await entries.count()
    await page.get_by_label("Filter operations and schemas").fill("changes")
    await expect(page.locator("details.api-entry:visible").first).to_contain_text("changes")
    assert await entries.count() < before
    await entries.first.locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Link to this operation").first.click()
    address = page.url
    assert "#" in address
    other = await pages.open(address)
    await expect(other.locator("details.api-entry[open]")).to_have_count(1)


async def test_a_definition_is_readable_without_script(pages: Pages) -> None:
    page = await pages.open("/catalog/default/api/timetable-api/definition", javascript=False)
    await page.locator("details.api-entry summary").first.click()
    await expect(page.get_by_text("Answers").first).to_be_visible()
    await page.get_by_role("link", name="Source").click()
    await expect(page.get_by_text("openapi: 3").first).to_be_visible()


@contextmanager
def pier() -> Iterator[str]:
    """A small API on the loopback interface."""

    class Pier(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"asked": self.path, "key": self.headers.get("x-key")}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pier) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_an_operation_is_tried_where_the_configuration_allows_it(pages: Pages, tmp_path: Path) -> None:
    with pier() as url:
        definition = {
            "openapi": "3.0.3",
            "info": {"title": "Pier", "version": "1"},
            "servers": [{"url": url}],
            "paths": {
                "/ships/{name}": {
                    "get": {
                        "summary": "One ship",
                        "parameters": [
                            {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
                        ],
                        "responses": {"200": {"description": "The ship"}},
                    }
                }
            },
        }
        entity = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "API",
            "metadata": {"name": "pier"},
            "spec": {
                "type": "openapi",
                "lifecycle": "production",
                "owner": "crew",
                "definition": json.dumps(definition),
            },
        }
        path = tmp_path / "catalog-info.yaml"
        path.write_text(json.dumps(entity))
        allowed = {"APP_CONFIG_apiDocs_tryIt_allow": json.dumps([url.removeprefix("http://")])}
        with running_server([path], allowed, data=tmp_path / "data") as server:
            page = await pages.open("/catalog/default/api/pier/definition", base_url=server.base_url)
            await page.locator("details.api-entry summary").first.click()
            await page.get_by_label("name path, required").fill("Sea Lantern/1")
            await page.get_by_label("Headers").fill("X-Key: harbour")
            await page.get_by_role("button", name="Send").click()
            await expect(page.locator("[data-answer]")).to_contain_text("200")
            await expect(page.locator("[data-answer]")).to_contain_text("/ships/Sea%20Lantern%2F1")
            await expect(page.locator("[data-answer]")).to_contain_text("harbour")
            await axe(page)
            await page.reload()
            await page.locator("details.api-entry summary").first.press("Enter")
            await page.get_by_label("name path, required").press_sequentially("Lantern")
            await page.keyboard.press("Enter")
            await expect(page.locator("[data-answer]")).to_contain_text("/ships/Lantern")
            await page.close()  # before its server
