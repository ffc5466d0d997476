"""Opens guarded pages in the looks that people have: light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.guard import Guard
from tests.servers import Server


@dataclass(frozen=True)
class Look:
    """A colour scheme and the size of the window in CSS pixels."""

    theme: Literal["light", "dark"]
    width: int
    height: int

    @property
    def wide(self) -> bool:
        return self.width > 800

    def __str__(self) -> str:
        return f"{self.theme}-{'wide' if self.wide else 'narrow'}"


LIGHT_WIDE = Look("light", 1440, 900)
DARK_WIDE = Look("dark", 1440, 900)
LIGHT_NARROW = Look("light", 360, 740)
DARK_NARROW = Look("dark", 360, 740)
LOOKS = (LIGHT_WIDE, DARK_WIDE, LIGHT_NARROW, DARK_NARROW)
# Both themes and both sizes, for what a page does: how each page stands in every look, test_every_page sees.
TWO_LOOKS = (LIGHT_WIDE, DARK_NARROW)


@dataclass(frozen=True)
class OwnPortal:
    """A portal of one test, with its own copy of the example organisation, which it watches."""

    base_url: str
    folder: Path
    server: Server


class Pages:
    """The pages of one test. Each `open` is a visitor of its own, with no cookies and an empty cache."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self.guard = Guard()
        self._browser = browser
        self._base_url = base_url
        self._contexts: list[BrowserContext] = []

    async def open(
        self,
        path: str | None = None,
        *,
        look: Look = LIGHT_WIDE,
        javascript: bool = True,
        base_url: str | None = None,
    ) -> Page:
        """A page, gone to `path` if one is given. Paths given to `goto` later are relative to `base_url`."""
        base_url = base_url or self._base_url
        context = await self._browser.new_context(
            base_url=base_url,
            color_scheme=look.theme,
            viewport={"width": look.width, "height": look.height},
            reduced_motion="reduce",
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="UTC",
        )
        self._contexts.append(context)
        context.set_default_timeout(20_000)
        self.guard.watch(context, base_url)
        page = await context.new_page()
        if path is not None:
            await page.goto(path)
        return page

    async def close(self) -> None:
        """Closes every page, once what it has to say has been heard."""
        for context in self._contexts:
            for page in context.pages:
                await page.title()  # answered in order, so events that came before it are here
            await context.close()


@asynccontextmanager
async def guarded_pages(browser: Browser, base_url: str) -> AsyncIterator[Pages]:
    """Pages that fail at the end of the block when anything went wrong on one of them."""
    pages = Pages(browser, base_url)
    try:
        yield pages
    finally:
        await pages.close()
    pages.guard.check()
