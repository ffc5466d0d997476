"""Fixtures of the browser tests: a portal and a browser for each worker, guarded pages for each test.

What is shared has the scope of this package: idle servers would take time from the tests that come later.

    async def test_the_catalog_filters_by_kind(page: Page) -> None:  # runs in every look
        await page.goto("/catalog")
        await axe(page)

    async def test_reading_needs_no_script(pages: Pages) -> None:  # runs once
        page = await pages.open("/catalog", javascript=False)

A test that changes the catalog or its files asks for `own_portal`.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

import callboard
from tests.browser.chromium import launched
from tests.browser.gated import Gated, gated_portal
from tests.browser.guard import Guard
from tests.browser.pages import LOOKS, Look, OwnPortal, Pages, guarded_pages
from tests.browser.troubled import troubled_portal
from tests.databases import postgresql_database
from tests.servers import Server, database_environment, running_server

HERE = Path(__file__).parent
EXAMPLE = Path(callboard.__file__).parent / "example"
PATIENCE = 20_000  # ms: two browsers and their servers share whatever processors there are
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One event loop for all tests here, as the browser that they share lives in it.
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as running:
        yield running


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example organisation on SQLite, shared by the tests of a worker: they leave its entities alone."""
    with running_server([], data=tmp_path_factory.mktemp("portal")) as server:
        yield server


@pytest.fixture(scope="package")
def portal_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same on PostgreSQL."""
    with postgresql_database() as url:
        env = {**database_environment(url), "APP_CONFIG_pipelines_enabled": "false"}
        with running_server([], env, data=tmp_path_factory.mktemp("portal")) as server:
            yield server


@pytest.fixture(scope="package")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal where things went wrong, shared by the tests that only look."""
    with troubled_portal(tmp_path_factory.mktemp("troubled")) as server:
        yield server


@pytest.fixture(scope="package")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    """A portal that one signs in to, shared by tests that leave its roles and plugins as they were."""
    with gated_portal(tmp_path_factory.mktemp("gated")) as server:
        yield server


@pytest.fixture
def own_portal(tmp_path: Path) -> Iterator[OwnPortal]:
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE, folder)
    with running_server([folder / "catalog-info.yaml"], data=tmp_path / "data") as server:
        yield OwnPortal(server.base_url, folder, server)


@pytest_asyncio.fixture(loop_scope="session")
async def pages(browser: Browser, portal: Server) -> AsyncIterator[Pages]:
    """Opens pages of the shared portal, or of another with `base_url`; fails when one misbehaved."""
    async with guarded_pages(browser, portal.base_url) as opened:
        yield opened


@pytest.fixture
def guard(pages: Pages) -> Guard:
    """What watches the pages of this test; `guard.allow("404")` overlooks what a test causes on purpose."""
    return pages.guard


@pytest.fixture(params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    """Each test that asks for it runs once in every look."""
    chosen: Look = request.param
    return chosen


@pytest_asyncio.fixture(loop_scope="session")
async def page(pages: Pages, look: Look) -> Page:
    """An empty page of a new visitor, in every look."""
    return await pages.open(look=look)
