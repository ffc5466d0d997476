"""A page of a real Chromium on a portal of a test, which listens on a free port meanwhile."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from callboard.testing.portal import PortalUnderTest

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Playwright

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    # A test must not depend on whether another host answers.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
START_SECONDS = 10.0


@asynccontextmanager
async def browser_page_of(portal: PortalUnderTest) -> AsyncIterator[Page]:
    """A new visitor's page. Skips the test when Playwright or Chromium is not installed."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        pytest.skip("Playwright is not installed: pip install playwright")
    async with async_playwright() as playwright:
        browser = await _launched(playwright)
        try:
            async with served(portal) as address, await browser.new_context(base_url=address) as context:
                yield await context.new_page()
        finally:
            await browser.close()


async def _launched(playwright: Playwright) -> Browser:
    """The Chromium that `CHROMIUM` names, else the first on PATH, else Playwright's own."""
    from playwright.async_api import Error

    named = os.environ.get(VARIABLE)
    program = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if named and program is None:
        pytest.fail(f"{VARIABLE}={named}: no such program", pytrace=False)
    if program is None and not os.path.exists(playwright.chromium.executable_path):  # noqa: ASYNC240 - once
        pytest.skip(f"there is no Chromium: install one, or name it with {VARIABLE}=/path/to/chromium")
    try:
        return await playwright.chromium.launch(
            executable_path=program,
            args=FLAGS,
            chromium_sandbox=os.geteuid() != 0,  # the sandbox refuses to work for root
        )
    except Error as error:
        pytest.fail(f"Chromium cannot be started: {error}", pytrace=False)


@asynccontextmanager
async def served(portal: PortalUnderTest) -> AsyncIterator[str]:
    """The address at which the portal answers, on this machine only."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(
        portal.host, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False
    )
    serving = asyncio.create_task(server.serve())
    address = f"http://127.0.0.1:{port}"
    try:
        await _answers(address)
        yield address
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian has no types there
        await serving


async def _answers(address: str) -> None:
    """Wait until the server listens."""
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                await client.get(f"{address}/.backstage/health/v1/liveness")
                return
            await asyncio.sleep(0.02)
