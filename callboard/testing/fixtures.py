"""The fixtures themselves. Nothing of Callboard is imported before a test asks for one of them.

pytest loads this module in every run where Callboard is installed, so it must cost nothing and never fail.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

    from callboard.plugins import Plugin
    from callboard.testing.catalog import CatalogUnderTest
    from callboard.testing.portal import PortalUnderTest
    from callboard.testing.web import WebServer

    Made = TypeVar("Made", bound=Callable[..., Any])

__all__ = ["browser_page", "catalog", "plugins", "portal", "portal_config", "web_server"]


def _async_fixture(work: Made) -> Made:
    """A fixture that runs in the loop of the test; without pytest-asyncio, one that says so."""
    try:
        import pytest_asyncio
    except ImportError:

        @pytest.fixture(name=work.__name__)
        def missing() -> None:
            pytest.fail(f"the fixture {work.__name__} needs pytest-asyncio; install it", pytrace=False)

        return missing  # type: ignore[return-value]  # stands in its place
    return pytest_asyncio.fixture(work)  # type: ignore[return-value]  # a fixture is declared as what it makes


@pytest.fixture
def plugins() -> Sequence[Plugin]:
    """The plugins under test. Override it; as it is, those that are installed beside Callboard run."""
    return ()


@pytest.fixture
def portal_config() -> Mapping[str, Any]:
    """What stands in `app-config.yaml`. Override it to configure a plugin, or the portal."""
    return {}


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    """Another host, which the plugin may read when `portal_config` allows `web_server.host`."""
    from callboard.testing.web import running

    with running() as server:
        yield server


@_async_fixture
async def portal(
    tmp_path: Path, plugins: Sequence[Plugin], portal_config: Mapping[str, Any]
) -> AsyncIterator[PortalUnderTest]:
    """A whole portal on SQLite in `tmp_path`, with the plugins live and an empty catalog."""
    from callboard.testing.portal import opened

    async with opened(tmp_path, plugins, portal_config) as running:
        yield running


@_async_fixture
async def catalog(
    tmp_path: Path, plugins: Sequence[Plugin], portal_config: Mapping[str, Any]
) -> AsyncIterator[CatalogUnderTest]:
    """The catalog alone: no pages, no search, nobody to sign in. For processors, kinds and providers."""
    from callboard.testing.catalog import opened

    async with opened(tmp_path, plugins, portal_config) as running:
        yield running


@_async_fixture
async def browser_page(portal: PortalUnderTest) -> AsyncIterator[Page]:
    """An empty page of Chromium; paths such as `/catalog` lead to `portal`. Skipped where there is none."""
    from callboard.testing.browser import browser_page_of

    async with browser_page_of(portal) as page:
        yield page
