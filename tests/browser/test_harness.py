"""Every guard and check of the browser tests can fail, and the portal passes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route

from tests.browser.checks import axe, layout_shift, no_horizontal_scroll
from tests.browser.guard import Guard
from tests.browser.keyboard import walked_by_keyboard
from tests.browser.pages import LIGHT_NARROW, Look, OwnPortal, Pages, guarded_pages
from tests.servers import Server

ORIGIN = "http://portal.test"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"
COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: driftwood}
spec: {type: service, lifecycle: production, owner: harbour}
"""
GOOD = "<main><h1>Harbour</h1><p>All ships are in.</p></main>"


async def opened(
    pages: Pages, body: str, *, policy: str = "", javascript: bool = True, script: str = ";"
) -> Page:
    """A page at ORIGIN with a body, which may load a script from /a.js."""
    page = await pages.open(look=LIGHT_NARROW, javascript=javascript)
    html = f'<!doctype html><html lang="en"><head><title>Test</title></head><body>{body}</body></html>'
    served = {"/": ("text/html", html), "/a.js": ("text/javascript", script)}

    async def answer(route: Route) -> None:
        media_type, text = served.get(urlsplit(route.request.url).path, ("text/plain", ""))
        await route.fulfill(
            status=200 if text else 404,
            headers={"content-type": media_type, "content-security-policy": policy},
            body=text or "none",
        )

    await page.route(f"{ORIGIN}/**", answer)
    await page.goto("/")
    return page


async def visit(
    browser: Browser,
    body: str,
    *,
    policy: str = "",
    allow: str = "",
    act: Callable[[Page], Awaitable[None]] | None = None,
    script: str = ";",
) -> None:
    """A whole test of one page."""
    async with guarded_pages(browser, ORIGIN) as pages:
        if allow:
            pages.guard.allow(allow)
        page = await opened(pages, body, policy=policy, script=script)
        if act:
            await act(page)


@pytest.mark.parametrize(
    ("body", "script", "problem"),
    [
        (GOOD, "console.error('the crane is stuck')", "console: the crane is stuck"),
        (GOOD, "setTimeout(() => { throw new Error('adrift') })", "script: adrift"),
        (GOOD, "fetch('/gone')", r"request: GET http://portal.test/gone: 404"),
        (
            GOOD,
            "fetch('http://elsewhere.test/x').catch(() => 0)",
            "foreign host: GET http://elsewhere.test/x",
        ),
        ('<img alt="" src="http://elsewhere.test/a.png">', ";", "foreign host: GET"),
    ],
)
async def test_a_page_that_misbehaves_fails_its_test(
    browser: Browser, body: str, script: str, problem: str
) -> None:
    with pytest.raises(AssertionError, match=problem):
        await visit(browser, f'{body}<script src="/a.js"></script>', script=script)


async def test_what_breaks_the_content_security_policy_fails(browser: Browser) -> None:
    with pytest.raises(AssertionError, match="content security policy: "):
        await visit(browser, GOOD + "<script>1</script>", policy=POLICY)


async def test_a_second_window_is_watched_too(browser: Browser) -> None:
    async def open_another(page: Page) -> None:
        second = await page.context.new_page()
        await second.evaluate("console.error('from the second')")

    with pytest.raises(AssertionError, match="console: from the second"):
        await visit(browser, GOOD, act=open_another)


async def test_what_a_test_causes_on_purpose_is_overlooked_and_nothing_else(browser: Browser) -> None:
    script = "fetch('/gone'); console.error('the crane is stuck')"
    with pytest.raises(AssertionError, match="crane") as caught:
        await visit(browser, GOOD + '<script src="/a.js"></script>', allow="404", script=script)
    assert "gone" not in str(caught.value)


async def test_a_violation_is_told_with_rule_element_and_reason(browser: Browser) -> None:
    async with guarded_pages(browser, ORIGIN) as pages:
        page = await opened(pages, '<main><h1>Harbour</h1><input id="berth"></main>', policy=POLICY)
        with pytest.raises(AssertionError) as caught:
            await axe(page)
    assert "label (critical)" in str(caught.value)
    assert '#berth\n    <input id="berth">' in str(caught.value)


async def test_a_good_page_under_a_strict_policy_has_no_violation(browser: Browser) -> None:
    async with guarded_pages(browser, ORIGIN) as pages:
        await axe(await opened(pages, GOOD, policy=POLICY))


async def test_what_reaches_beyond_the_window_is_named(browser: Browser) -> None:
    table = '<table id="manifest"><tr><td style="min-width: 900px">Cargo</td></tr></table>'
    async with guarded_pages(browser, ORIGIN) as pages:
        page = await opened(pages, table)
        with pytest.raises(AssertionError, match="manifest"):
            await no_horizontal_scroll(page)
        await no_horizontal_scroll(await opened(pages, f'<div style="overflow-x: auto">{table}</div>'))


async def test_what_jumps_is_measured(browser: Browser) -> None:
    async with guarded_pages(browser, ORIGIN) as pages:
        page = await opened(pages, GOOD)
        assert await layout_shift(page) == 0
        await page.evaluate("document.querySelector('p').style.marginTop = '200px'")
        assert await layout_shift(page) > 0.01


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<button id="a">Moor</button><button id="b">Sail</button>', 'missed: <button id="b">'),
        ('<button id="dark">Moor</button>', 'unseen: <button id="dark"'),
        (
            '<button tabindex="1">A</button><button tabindex="3">B</button><button tabindex="2">C</button>',
            "order: ",
        ),
    ],
)
async def test_what_the_keyboard_misses_or_hides_is_named(browser: Browser, body: str, problem: str) -> None:
    script = (
        "addEventListener('keydown', (event) => { if (event.target.id === 'a') event.preventDefault(); });"
        "const dark = document.getElementById('dark'); if (dark) dark.style.outline = 'none';"
    )
    async with guarded_pages(browser, ORIGIN) as pages:
        page = await opened(pages, f'{body}<script src="/a.js"></script>', script=script)
        with pytest.raises(AssertionError, match=problem):
            await walked_by_keyboard(page)


async def test_the_portal_passes_every_check_in_every_look(page: Page, look: Look) -> None:
    await page.goto("/")
    await axe(page)
    await no_horizontal_scroll(page)
    assert await layout_shift(page) == 0
    assert await page.evaluate("innerWidth") == look.width
    assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (look.theme == "dark")


async def test_a_page_that_is_not_there_can_be_visited_on_purpose(pages: Pages, guard: Guard) -> None:
    guard.allow("404")
    page = await pages.open()
    answer = await page.goto("/api/catalog/entities/by-name/component/default/none")
    assert answer is not None
    assert answer.status == 404


async def test_pages_work_on_postgresql(pages: Pages, portal_on_postgresql: Server) -> None:
    page = await pages.open("/", base_url=portal_on_postgresql.base_url)
    await axe(page)


async def test_a_visitor_may_have_no_scripts(browser: Browser) -> None:
    async with guarded_pages(browser, ORIGIN) as pages:
        body = GOOD + '<script src="/a.js"></script>'
        page = await opened(pages, body, javascript=False, script="document.title = 'Changed'")
        assert await page.title() == "Test"


async def test_a_portal_of_ones_own_follows_its_files(pages: Pages, own_portal: OwnPortal) -> None:
    url = f"{own_portal.base_url}/api/catalog/entities/by-name/component/default/driftwood"
    pages.guard.allow("404")
    page = await pages.open("/", base_url=own_portal.base_url)
    assert (await page.request.get(url)).status == 404
    with (own_portal.folder / "catalog-info.yaml").open("a") as file:
        file.write(f"\n---\n{COMPONENT}")
    await page.wait_for_function("url => fetch(url).then((answer) => answer.ok)", arg=url, polling=200)
