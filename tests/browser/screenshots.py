"""Pictures every page of the example organisation for the documentation: what `make screenshots` runs.

usage: python -m tests.browser.screenshots [NAME ...]

Writes docs/screenshots/<name>-<light|dark>-<wide|narrow>.png and removes those that no line of `SHOTS` makes.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page

import callboard
from callboard.cli.serve import EXAMPLE as PIPELINES
from tests.browser.checks import settled
from tests.browser.chromium import launched
from tests.browser.gated import ROLE, gated_portal
from tests.browser.measured import LISTING, first_run
from tests.browser.pages import DARK_WIDE, LIGHT_NARROW, LIGHT_WIDE, Look, guarded_pages
from tests.browser.pictures import smaller
from tests.browser.troubled import troubled_portal
from tests.servers import running_server

EXAMPLE = Path(callboard.__file__).parent / "example"
FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LOOKS = (LIGHT_WIDE, DARK_WIDE, LIGHT_NARROW)
# Where nothing is wrong, where things went wrong, and where one signs in.
Portal = Literal["example", "troubled", "gated"]
LIMIT = 5_000_000  # bytes of all pictures, because they stay in the repository's history


@dataclass(frozen=True)
class Shot:
    """One page. `act` does what must be done there before it is worth a picture."""

    name: str
    path: str
    act: Callable[[Page], Awaitable[None]] | None = None
    looks: tuple[Look, ...] = LOOKS
    whole: bool = False  # the whole page instead of one window of it
    allow: str | None = None  # what the page's guard overlooks, as in `guard.allow`
    portal: Portal = "example"
    enter: bool = False  # as a guest, before going to the path


async def _as_odile(page: Page) -> None:
    """Say who looks, and have visited and starred something, so that the home page is alive."""
    await page.goto("/settings")
    await page.get_by_label("User").fill("odile.fernsby")
    await page.keyboard.press("Enter")
    await page.get_by_text("Saved.").wait_for()
    for name in ("ticket-shop", "booking-service", "boarding-service"):
        await page.goto(f"/catalog/default/component/{name}")
    await page.get_by_role("button", name="Star Boarding service").click()
    await page.locator('button[aria-label="Star Boarding service"][aria-pressed="true"]').wait_for()
    await page.goto("/")


async def _palette(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.keyboard.type("ticket")
    await page.locator('[role=option][data-ref="component:default/ticket-shop"]').wait_for()


async def _operation(page: Page) -> None:
    await page.locator("details.api-entry summary").nth(1).click()


CHANGES = (  # of the ticket shop, one after the other
    ("in four taps, gloves on", "in five taps, gloves off"),
    ("[typescript, web, customer-facing]", "[typescript, web, customer-facing, accessible]"),
    (
        "dependsOn: ['component:engine-room/lantern-ui']",
        "dependsOn: ['component:engine-room/lantern-ui', 'component:payment-desk']",
    ),
    ("in five taps, gloves off", "in four taps, gloves on"),
)

MISTAKE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: fare engine
spec:
  type: service
  lifecycle: production
"""


async def _paste(page: Page) -> None:
    await page.get_by_role("textbox", name="Descriptors").fill(MISTAKE)
    await page.locator(".import-excerpt mark").first.wait_for()
    await page.locator("#result").evaluate("result => result.scrollIntoView({ block: 'end' })")


async def _token(page: Page) -> None:
    await page.get_by_label("Name of a new token").fill("nightly export")
    await page.keyboard.press("Enter")
    await page.get_by_text("Copy it now").wait_for()
    await page.locator("#settings-tokens").evaluate("title => title.scrollIntoView()")


async def _plan(page: Page) -> None:
    await page.get_by_label("Package").fill("acme-tides1")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Install it").wait_for()


API = "/catalog/default/api/timetable-api"
SHOP = "/catalog/default/component/ticket-shop"
GROUP = "/catalog/default/group/lantern-line"
GRAPH = "/catalog-graph?rootEntityRefs[]=component:default/ticket-shop&maxDepth=1"
PREVIEW = "/admin/roles/preview?user=odile.fernsby&permission=catalog.entity.delete"
COMPARE = "/marketplace/compare?with=rhdh/3scale&with=community/aws-ecs"
WIDE = (LIGHT_WIDE, DARK_WIDE)

SHOTS: tuple[Shot, ...] = (
    Shot("home", "/", _as_odile),
    Shot("palette", "/", _palette, looks=WIDE),
    Shot("search", "/search?term=ticket"),
    Shot("catalog", "/catalog?filters[kind]=component"),
    Shot("entity", SHOP, looks=LOOKS),
    Shot("relations", f"{SHOP}/relations", looks=WIDE),
    Shot("dependencies", f"{SHOP}/dependencies", looks=WIDE),
    Shot("apis", f"{SHOP}/apis", looks=WIDE),
    Shot("history", f"{SHOP}/history", looks=WIDE),
    Shot("inspect", f"{SHOP}/inspect", looks=WIDE),
    Shot("unregister", f"{SHOP}/unregister", looks=WIDE),
    Shot("definition", f"{API}/definition", _operation),
    Shot("graph", GRAPH),
    Shot("organisation", "/organisation"),
    Shot("members", f"{GROUP}/members?with=all", looks=WIDE),
    Shot("ownership", f"{GROUP}/ownership?with=all", looks=WIDE),
    Shot("import", "/catalog-import/paste", _paste),
    Shot("operations", "/admin", portal="troubled"),
    Shot("sources", "/admin/sources", looks=WIDE, portal="troubled"),
    Shot("problems", "/admin/problems", looks=WIDE, portal="troubled"),
    Shot("held-back", "/admin/held-back", looks=WIDE, portal="troubled"),
    Shot("index", "/admin/index", looks=WIDE),
    Shot("settings", "/settings"),
    Shot("sign-in", "/sign-in?from=/", portal="gated"),
    Shot("access", "/settings", _token, portal="gated", enter=True),
    Shot("plugins", "/admin/plugins", portal="gated", enter=True),
    Shot("plugin", "/admin/plugins/catalog", looks=WIDE, portal="gated", enter=True),
    Shot("install", "/admin/plugins/install", _plan, portal="gated", enter=True),
    Shot("roles", "/admin/roles", looks=WIDE, portal="gated", enter=True),
    Shot("role", ROLE, portal="gated", enter=True),
    Shot("grant", f"{ROLE}/grants/1", looks=WIDE, portal="gated", enter=True),
    Shot("preview", PREVIEW, looks=WIDE, portal="gated", enter=True),
    Shot("versions", "/admin/roles/versions", looks=WIDE, portal="gated", enter=True),
    Shot("audit", "/admin/audit", portal="gated", enter=True),
    Shot("marketplace", "/marketplace"),
    Shot("marketplace-browse", "/marketplace/browse"),
    Shot("marketplace-listing", LISTING),
    Shot("marketplace-compare", COMPARE, looks=WIDE),
    Shot("marketplace-publisher", "/marketplace/publishers/default/red-hat", looks=WIDE),
    Shot("marketplace-publishers", "/marketplace/publishers", looks=WIDE),
    Shot("marketplace-collections", "/marketplace/collections", looks=WIDE),
    Shot("marketplace-learn", "/marketplace/learn/write-a-plugin/begin", looks=WIDE),
    Shot("desk", "/marketplace/desk", looks=WIDE),
    Shot("desk-apply", "/marketplace/desk/apply", looks=WIDE),
    Shot("desk-report", "/marketplace/desk/report", looks=WIDE),
    Shot("insights", "/insights"),
    Shot("pipelines", "/admin/pipelines"),
    Shot("pipeline-runs", "/admin/pipelines/runs", looks=WIDE),
    Shot("lineage", "/admin/pipelines/lineage", looks=WIDE),
    Shot("dataset", "/catalog/pipelines/resource/marts-rankings", looks=WIDE),
    Shot("not-found", "/no-such-page", looks=WIDE, allow="404"),
)


async def take(browser: Browser, base_url: str, shot: Shot, look: Look) -> Path:
    """One picture; fails when the page misbehaves."""
    async with guarded_pages(browser, base_url) as pages:
        if shot.allow:
            pages.guard.allow(shot.allow)
        page = await pages.open("/" if shot.enter else shot.path, look=look)
        if shot.enter:
            await page.get_by_role("link", name="Enter as a guest").click()
            await page.wait_for_url(f"{base_url}/")
            await page.goto(shot.path)
        if shot.act:
            await shot.act(page)
        await settled(page)
        path = FOLDER / f"{shot.name}-{look}.png"
        png = await page.screenshot(full_page=shot.whole, animations="disabled", caret="hide")
        path.write_bytes(await smaller(browser, png))
        return path


async def take_all(base_urls: Mapping[Portal, str], shots: list[Shot]) -> None:
    """The pictures of some pages, one after the other, so that each looks as it would alone."""
    async with launched() as browser:
        for shot in shots:
            sizes = []
            for look in shot.looks:
                path = await take(browser, base_urls[shot.portal], shot, look)
                sizes.append(f"{look} {path.stat().st_size / 1e3:.0f} kB")
            print(f"  {shot.name:<24}{', '.join(sizes)}", flush=True)


def _change(folder: Path) -> None:
    """A few changes of the ticket shop, so that it has a history. The portal sees each."""
    path = folder / "systems" / "ticketing" / "catalog-info.yaml"
    for before, after in CHANGES:
        text = path.read_text()
        assert before in text, f"the example has no {before!r} any more"
        path.write_text(text.replace(before, after, 1))
        time.sleep(2)


def main(names: list[str]) -> None:
    """Take the named pictures, or all of them; ends with an error when they became too large together."""
    if unknown := set(names) - {shot.name for shot in SHOTS}:
        sys.exit(f"no such page: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SHOTS)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = {f"{shot.name}-{look}.png" for shot in SHOTS for look in shot.looks}
    for path in FOLDER.glob("*.png"):
        if path.name not in wanted:
            path.unlink()
    shots = [shot for shot in SHOTS if not names or shot.name in names]
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callboard-screenshots-")))
        shutil.copytree(EXAMPLE, data / "example")
        entities = data / "example" / "catalog-info.yaml"
        example = stack.enter_context(running_server([entities], PIPELINES, data=data / "portal"))
        base_urls: dict[Portal, str] = {"example": example.base_url}
        if any(shot.portal == "troubled" for shot in shots):
            base_urls["troubled"] = stack.enter_context(troubled_portal(data / "troubled")).base_url
        if any(shot.portal == "gated" for shot in shots):
            base_urls["gated"] = stack.enter_context(gated_portal(data / "gated")).base_url
        _change(data / "example")
        first_run(example)
        asyncio.run(take_all(base_urls, shots))
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"  {total / 1e6:.2f} MB in {FOLDER}")
    if total > LIMIT:
        sys.exit(f"more than {LIMIT / 1e6:.0f} MB: show fewer looks, or less of a page")


if __name__ == "__main__":
    main(sys.argv[1:])
