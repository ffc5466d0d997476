"""Measures the catalog page as a visitor gets it: server time, bytes of scripts and styles, time to content.

usage: python -m bench.pages --base-url http://127.0.0.1:7399

The server states its own time in the header `Server-Timing: app;dur=`; the rest comes from Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import http.client
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from random import Random
from statistics import median
from urllib.parse import urlencode, urlsplit

from playwright.async_api import Browser, Response

from bench.reads import ask
from bench.report import percentile, verdict
from tests.browser.chromium import launched

PAGE = "/catalog?filters[kind]=component"
REQUESTS, WARM_UP, VISITS = 200, 20, 5
SERVER_MS, ASSET_KB, PAINT_MS = 15.0, 60.0, 500.0
_DURATION = re.compile(r"\bapp;(?:[^,]*;)?dur=([\d.]+)")
_FILTERS = {
    "type": "spec.type",
    "lifecycle": "spec.lifecycle",
    "owners": "relations.ownedBy",
    "tags": "metadata.tags",
}
# The last entry is the largest; a page without one is never painted, so its time is not a small number.
_PAINT = """() => new Promise((resolve) => {
  let last = null;
  const observer = new PerformanceObserver((list) => { last = list.getEntries().at(-1) ?? last; });
  observer.observe({ type: 'largest-contentful-paint', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
    last = observer.takeRecords().at(-1) ?? last;
    resolve(last && last.startTime);
  }, 100)));
})"""


@dataclass(frozen=True)
class PageFigures:
    """The server's time of each request, each file's gzipped size, each visit's largest contentful paint."""

    server_ms: list[float]
    asset_kb: dict[str, float]
    paint_ms: list[float]


def measure_pages(base_url: str) -> PageFigures:
    """The figures of a running server's catalog page; raises RuntimeError when it is no page."""
    server_ms = server_times(base_url, _paths(base_url))[WARM_UP:]
    asset_kb, paint_ms = asyncio.run(_visits(base_url + PAGE))
    return PageFigures(server_ms, asset_kb, paint_ms)


def print_pages(figures: PageFigures) -> None:
    """The figures with their targets, as the rest of `make bench` prints its own."""
    p50, p99 = percentile(figures.server_ms, 0.5), percentile(figures.server_ms, 0.99)
    parts = ", ".join(f"{name} {kb:.1f}" for name, kb in figures.asset_kb.items())
    print(f"    catalog page, {len(figures.server_ms)} different filters")
    _line("server time p50", p50, "ms", SERVER_MS)
    _line("server time p99", p99, "ms", SERVER_MS)
    _line("scripts and styles", sum(figures.asset_kb.values()), "KB", ASSET_KB, f"gzipped: {parts}")
    worst = f"cold, median of {len(figures.paint_ms)}, slowest {max(figures.paint_ms):.0f}"
    _line("largest paint", median(figures.paint_ms), "ms", PAINT_MS, worst)


def _line(name: str, value: float, unit: str, target: float, note: str = "") -> None:
    told = f"   ({note})" if note else ""
    print(
        f"    {name:<22}{value:>8.1f} {unit}   target {target:>4.0f} {unit}   "
        f"ratio {value / target:5.2f}   {verdict(value <= target)}{told}",
        flush=True,
    )


def server_times(base_url: str, paths: Iterable[str]) -> list[float]:
    """The server's own time, in ms, of one page after the other. Raises RuntimeError for any that fails."""
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=30)
    times = []
    for path in paths:
        connection.request("GET", path, headers={"accept": "text/html", "accept-encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        found = _DURATION.search(answer.getheader("server-timing") or "")
        if answer.status != 200 or not found:
            raise RuntimeError(f"{path} answered {answer.status}, Server-Timing {found and found[0]}")
        times.append(float(found[1]))
    connection.close()
    return times


def _paths(base_url: str) -> list[str]:
    """Catalog pages of one kind or another, filtered by up to two values that the catalog holds."""
    query = urlencode([("facet", "kind"), *(("facet", facet) for facet in _FILTERS.values())])
    facets: dict[str, list[dict[str, str]]] = ask(base_url, f"/entity-facets?{query}")["facets"]  # type: ignore[assignment]  # the shape of the answer
    pick = Random(7)
    paths: dict[str, None] = {}
    for attempt in count():
        kind = "component" if attempt % 2 else pick.choice(facets["kind"])["value"].lower()
        parameters = [("filters[kind]", kind)]
        for name in pick.sample(sorted(_FILTERS), attempt % 3):
            if values := facets[_FILTERS[name]]:
                parameters.append((f"filters[{name}]", pick.choice(values)["value"]))
        paths[f"/catalog?{urlencode(parameters, safe='[]')}"] = None
        # A small catalog has fewer combinations; then they come round again.
        if len(paths) == WARM_UP + REQUESTS or attempt > 20 * REQUESTS:
            break
    found = list(paths)
    return [found[number % len(found)] for number in range(WARM_UP + REQUESTS)]


async def _visits(url: str) -> tuple[dict[str, float], list[float]]:
    async with launched() as browser:
        visits = [await _visit(browser, url) for _ in range(VISITS)]
    return visits[0][0], [paint for _, paint in visits]


async def _visit(browser: Browser, url: str) -> tuple[dict[str, float], float]:
    """A new visitor with an empty cache: gzipped KB of each script and style, and ms to the largest paint."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    loaded: list[Response] = []

    def note(response: Response) -> None:  # Playwright takes no method of a list
        loaded.append(response)

    page.on("response", note)
    answer = await page.goto(url, wait_until="load")
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{url} answered {answer and answer.status}")
    paint = await page.evaluate(_PAINT)
    if paint is None:
        raise RuntimeError(f"{url} painted nothing")
    # Compressed here, because the server may have chosen a better encoding than the target's.
    sizes = {
        one.url.rpartition("/")[2]: len(gzip.compress(await one.body())) / 1024
        for one in loaded
        if one.request.resource_type in ("script", "stylesheet")
    }
    await context.close()
    return sizes, float(paint)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base-url", required=True)
    print_pages(measure_pages(parser.parse_args().base_url.rstrip("/")))


if __name__ == "__main__":
    main()
