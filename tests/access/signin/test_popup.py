"""The popup in a real browser: who is told that somebody signed in, and who is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.async_api import Browser

from tests.access.signin.conftest import OpenDoor
from tests.access.signin.door import Door
from tests.browser.chromium import launched

LISTEN = """url => new Promise(resolve => {
  addEventListener("message", event => resolve({ data: event.data, origin: event.origin }));
  setTimeout(() => resolve(null), 3000);
  window.open(url, "signin", "width=400,height=400");
})"""
START = "/api/auth/guest/start?env=development&flow=popup"


@asynccontextmanager
async def served(door: Door, port: int) -> AsyncIterator[str]:
    """The door on a port of this machine."""
    server = Server(door.app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    for _ in range(100):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian has no types there
        await serving


async def told(browser: Browser, opener: str, url: str) -> Any:
    """The message that a page gets which opened the popup: {data, origin}, or None."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{opener}/sign-in/who")
    found = await page.evaluate(LISTEN, url)
    await context.close()
    return found


async def test_the_portal_is_told_and_no_other_site(open_door: OpenDoor, free_port: int) -> None:
    address = f"http://127.0.0.1:{free_port}"
    door = await open_door({"guest": {}}, app_baseUrl=address, backend_baseUrl=address)
    async with launched() as browser, served(door, free_port):
        message = await told(browser, address, address + START)
        assert message["origin"] == address
        assert message["data"]["type"] == "authorization_response"
        response = message["data"]["response"]
        assert response["backstageIdentity"]["identity"]["userEntityRef"] == "user:development/guest"
        # The same machine by another name is another site.
        elsewhere = address.replace("127.0.0.1", "localhost")
        assert await told(browser, elsewhere, address + START) is None
