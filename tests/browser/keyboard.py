"""The keyboard's way over a page: Tab reaches everything, in the order of the text, and shows where it is."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Page

from tests.browser.checks import settled

# What Tab must reach, and how each looks while it has no focus. Of a group of radio buttons, one.
_EXPECT = """() => {
  const grouped = new Set();
  const reachable = (one) => {
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== 'radio') return true;
    const group = document.querySelectorAll(`input[type=radio][name="${one.name}"]`);
    const first = [...group].find((radio) => radio.checked) ?? group[0];
    return one === first;
  };
  const ring = (one, part) => {
    const { outlineStyle, outlineWidth, boxShadow, stroke, strokeWidth } = getComputedStyle(one, part);
    const outline = outlineStyle === 'none' || outlineWidth === '0px' ? '' : outlineStyle + outlineWidth;
    return [outline, boxShadow, stroke, strokeWidth].join();
  };
  // Boxes in a picture have no outline; what is drawn in them changes instead. A card whose title is the
  // link has its ring around the card, which is the link's ::after.
  const shown = (one) => ring(one) + ring(one, '::after');
  const look = (one) => (one instanceof SVGElement ? [one, ...one.children] : [one]).map(shown).join();
  const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]');
  const expected = [...all].filter(reachable);
  document.activeElement?.blur();
  const walk = { expected, plain: expected.map(look), reached: [], unseen: [] };
  addEventListener('focusin', ({ target }) => {
    walk.reached.push(target);
    const at = expected.indexOf(target);
    if (at >= 0 && look(target) === walk.plain[at]) walk.unseen.push(target);
  });
  globalThis.keyboardWalk = walk;
  return expected.length;
}"""

_RESULT = """() => {
  const { expected, reached, unseen } = keyboardWalk;
  const name = (one) => one.cloneNode(false).outerHTML.slice(0, 160);
  const sorted = expected.filter((one) => reached.includes(one));
  const visits = [...new Set(reached)].filter((one) => expected.includes(one));
  const begin = visits.indexOf(sorted[0]); // Tab goes on from where the focus was last, and round the page
  const firsts = [...visits.slice(begin), ...visits.slice(0, begin)];
  const jump = firsts.findIndex((one, at) => one !== sorted[at]);
  return {
    missed: expected.filter((one) => !reached.includes(one)).slice(0, 5).map(name),
    unseen: unseen.slice(0, 5).map(name),
    jump: jump < 0 ? null : `${name(firsts[jump])} comes instead of ${name(sorted[jump])}`,
  };
}"""

_TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
_SCROLLERS = 12  # Chromium also stops at what scrolls


async def walked_by_keyboard(page: Page) -> None:
    """Fails when Tab misses something, goes astray, gets stuck, or when one cannot see where it is."""
    await settled(page)
    expected: int = await page.evaluate(_EXPECT)
    # All presses are on their way at once, and the browser takes one after the other: a quarter of the time.
    devtools = await page.context.new_cdp_session(page)
    await asyncio.gather(
        *(devtools.send("Input.dispatchKeyEvent", _TAB) for _ in range(expected + _SCROLLERS))
    )
    await devtools.detach()
    found: dict[str, Any] = await page.evaluate(_RESULT)  # as _RESULT returns it
    problems = [f"{kind}: {one}" for kind in ("missed", "unseen") for one in found[kind]]
    if found["jump"]:
        problems.append(f"order: {found['jump']}")
    assert not problems, f"by keyboard on {page.url}:\n" + "\n".join(problems)
