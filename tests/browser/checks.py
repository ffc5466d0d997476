"""What must hold on any page: no accessibility violation, no sideways scrolling, nothing that jumps."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.node import installed

HERE = Path(__file__).parent
COLOURS = ("color-contrast", "link-in-text-block")  # of all rules, what a theme can break
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_RUN_AXE = """async (runOnly) => {
  const options = { runOnly, resultTypes: ['violations'] };
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, nodes: nodes.map(({ target, html, failureSummary }) => ({
      target: target.flat().join(' '), html, why: failureSummary,
    })),
  }));
}"""

# The outermost elements that reach beyond the right edge, without those inside something that scrolls itself.
_SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return null;
  const clipped = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== 'visible') return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5 && !clipped(element));
  return wide.slice(0, 8).map((element) => {
    const right = Math.round(element.getBoundingClientRect().right);
    return `${right} px: ${element.cloneNode(false).outerHTML.slice(0, 160)}`;
  });
}"""

_LAYOUT_SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  const add = (list) => { for (const one of list) if (!one.hadRecentInput) sum += one.value; };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
    add(observer.takeRecords());
    observer.disconnect();
    resolve(sum);
  }, 50)));
})"""

_SETTLED = """async () => {
  await document.fonts.ready;
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  while (document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')) await frame();
  await frame();
}"""


async def settled(page: Page) -> None:
    """Waits until fonts are there, htmx is done and the result is painted."""
    await page.wait_for_load_state("load")
    await page.evaluate(_SETTLED)


async def axe(page: Page, *, only_colours: bool = False) -> None:
    """Fails when axe-core finds a violation on the page as it stands: its rule, and each element with why.

    `only_colours` is for a page that was looked at in full in the other theme: nothing else differs.
    """
    await settled(page)
    # Evaluated by the debugger and not inserted as a script, so that the page's own policy stays in force.
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(_axe_source())
    kind, names = ("rule", COLOURS) if only_colours else ("tag", RULES)
    violations = await page.evaluate(_RUN_AXE, {"type": kind, "values": list(names)})
    assert not violations, f"axe-core on {page.url}:\n" + "\n".join(map(_violation, violations))


async def no_horizontal_scroll(page: Page) -> None:
    """Fails when the page is wider than the window, and names what reaches beyond it."""
    await settled(page)
    wide = await page.evaluate(_SIDEWAYS)
    assert wide is None, f"{page.url} scrolls sideways:\n" + "\n".join(wide)


async def layout_shift(page: Page) -> float:
    """How far things jumped since the page was opened, without what followed an input (0 is none; Chromium's
    cumulative layout shift)."""
    await settled(page)
    return float(await page.evaluate(_LAYOUT_SHIFT))


@cache
def _axe_source() -> str:
    return (installed(HERE) / "axe-core" / "axe.min.js").read_text()


def _violation(found: dict[str, Any]) -> str:  # as _RUN_AXE returns it
    lines = [f"{found['id']} ({found['impact']}): {found['help']}"]
    for node in found["nodes"]:
        why = " ".join(node["why"].split())
        lines += [f"  {node['target']}", f"    {node['html'][:200]}", f"    {why}"]
    return "\n".join(lines)
