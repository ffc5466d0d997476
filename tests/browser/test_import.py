"""The import pages in a browser, with a real host of descriptors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.checks import axe, layout_shift, no_horizontal_scroll
from tests.browser.guard import Guard
from tests.browser.pages import TWO_LOOKS, Look, Pages
from tests.catalog.nodes import component_yaml
from tests.core.reader.servers import Server as Host
from tests.core.reader.servers import answer, running
from tests.servers import running_server

BROKEN = (
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a b\nspec:\n  type: service\n"
)


@dataclass(frozen=True)
class Importing:
    """A portal with the example organisation, and a host of descriptors that it may read."""

    base_url: str
    host: Host

    def serve(self, name: str, *documents: str) -> str:
        """The address of a file that holds these documents."""
        self.host.routes[f"/{name}"] = answer("---\n".join(documents).encode())
        return self.host.url(f"/{name}")


@pytest.fixture(scope="module")
def importing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importing]:
    with running() as host:
        env = {"APP_CONFIG_backend_reading": json.dumps({"allow": [{"host": host.host}]})}
        with running_server(
            [], {**env, "APP_CONFIG_pipelines_enabled": "false"}, data=tmp_path_factory.mktemp("portal")
        ) as server:
            yield Importing(server.base_url, host)


async def check(page: Page, url: str) -> None:
    await page.get_by_role("textbox", name="Address of a file or a repository").fill(url)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What it would do")).to_be_visible()


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_every_answer_passes_every_check(
    pages: Pages, importing: Importing, look: Look, guard: Guard
) -> None:
    guard.allow("400")
    url = importing.serve("mixed.yaml", component_yaml("capstan"), BROKEN)
    page = await pages.open(look=look, base_url=importing.base_url)
    for path in (
        f"/catalog-import?url={url}",
        "/catalog-import?url=https://not-allowed.example/catalog-info.yaml",
        f"/catalog-import?url={importing.host.url('/ports/crane')}",
    ):
        await page.goto(path)
        await axe(page)
        await no_horizontal_scroll(page)
        assert await layout_shift(page) == 0


async def test_a_url_is_checked_and_registered_by_keyboard(pages: Pages, importing: Importing) -> None:
    url = importing.serve("keys.yaml", component_yaml("davit"), component_yaml("hawser"))
    page = await pages.open("/catalog-import", base_url=importing.base_url)
    await check(page, url)
    await expect(page).to_have_url(re.compile("url="))  # so that it can be shared
    await expect(page.get_by_role("status").first).to_have_text("2 new, 0 changed, 0 unchanged, 0 refused")
    register = page.get_by_role("button", name="Register")
    for _ in range(6):
        await page.keyboard.press("Tab")
        if await register.evaluate("button => button === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("2 entities came in.")).to_be_visible()
    await axe(page)
    await page.get_by_role("link", name="davit").click()
    await expect(page).to_have_url(re.compile("/catalog/default/component/davit$"))


async def test_a_registered_url_offers_to_be_read_again(pages: Pages, importing: Importing) -> None:
    url = importing.serve("again.yaml", component_yaml("fairlead"))
    page = await pages.open("/catalog-import", base_url=importing.base_url)
    await check(page, url)
    await page.get_by_role("button", name="Register").click()
    await expect(page.get_by_text("1 entity came in.")).to_be_visible()
    importing.serve("again.yaml", component_yaml("fairlead", lifecycle="deprecated"))
    await page.goto("/catalog-import")
    await check(page, url)
    await expect(page.locator("ins")).to_have_text("deprecated")
    await page.get_by_role("button", name="Read it again").click()
    await expect(page.get_by_role("heading", name="Registered")).to_be_visible()


async def test_a_text_is_checked_while_one_types(pages: Pages, importing: Importing) -> None:
    page = await pages.open("/catalog-import", base_url=importing.base_url)
    await page.get_by_role("link", name="Start from an example").click()
    await expect(page.get_by_role("heading", name="It is valid")).to_be_visible()
    editor = page.get_by_role("textbox", name=re.compile("Descriptors"))
    await editor.press("Control+End")
    await page.keyboard.type("  dependsOn: [")
    await expect(page.locator("#result")).to_contain_text("1 refused")
    await expect(page.locator(".import-excerpt-line.marked")).to_contain_text("dependsOn: [")
    await expect(editor).to_be_focused()
    await page.keyboard.type("]")
    await expect(page.get_by_role("heading", name="It is valid")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download").click()
    assert (await download.value).suggested_filename == "catalog-info.yaml"


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
async def test_an_empty_portal_leads_to_its_first_import(pages: Pages, look: Look, tmp_path: Path) -> None:
    config = tmp_path / "app-config.yaml"
    config.write_text("catalog: {rules: [{allow: [Component, Location]}]}\n")
    with running() as host:
        host.routes["/first.yaml"] = answer(component_yaml("windlass").encode())
        env = {"APP_CONFIG_backend_reading": json.dumps({"allow": [{"host": host.host}]})}
        with running_server(["--config", config], env, data=tmp_path / "data") as server:
            page = await pages.open("/", look=look, base_url=server.base_url)
            await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is on the board yet")
            await axe(page)
            await no_horizontal_scroll(page)
            await page.get_by_role("link", name="Import the first file").click()
            await check(page, host.url("/first.yaml"))
            await page.get_by_role("button", name="Register").click()
            await page.wait_for_url("**/catalog-import/registered**")
            entity = page.get_by_role("link", name="windlass")
            # A busy portal asks people to look again in a moment.
            await expect(entity.or_(page.get_by_text("look again in a moment")).first).to_be_visible()
            if not await entity.is_visible():
                await page.reload()
            await entity.click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("windlass")
            await page.goto("/")
            await expect(page.get_by_role("heading", level=1)).not_to_have_text("Nothing is on the board yet")


async def test_importing_needs_no_script(pages: Pages, importing: Importing) -> None:
    url = importing.serve("plain.yaml", component_yaml("sheave"))
    page = await pages.open("/catalog-import", base_url=importing.base_url, javascript=False)
    await check(page, url)
    await page.get_by_role("button", name="Register").click()
    await expect(page.get_by_role("heading", name="Registered")).to_be_visible()
    await page.get_by_role("link", name="Look again").click()
    await page.goto("/catalog-import/paste")
    await page.get_by_role("textbox", name=re.compile("Descriptors")).fill(BROKEN)
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_text("catalog-info.yaml:4:3")).to_be_visible()
