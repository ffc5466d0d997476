"""Measures the public site with many listings: server time, requests a second, the build of its files.

usage: python -m bench.marketplace_site [--listings 10000] [--seconds 4]

The server states its own time in the header `Server-Timing`; a page that was kept states none, since nothing
was made for it, so every request of the first part asks something else. It is measured twice: as soon as the
server is ready, while it still fills its search index, and at rest, for which the targets are.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.measure import Running, started_with
from bench.pages import server_times
from bench.reads import run
from bench.report import percentile, verdict
from tests.servers import COMMAND

REQUESTS, WARM_UP = 200, 20
AT_REST, LONGEST = 0.15, 120.0
"""The share of a processor that a server at rest uses at most, and how many seconds it may take to be so."""
SERVER_MS, PER_SECOND, BUILD_SECONDS = 20.0, 2000.0, 60.0
CONNECTIONS = 16
WORDS = [
    "harbour",
    "tide",
    "lantern",
    "rope",
    "signal",
    "cargo",
    "ferry",
    "anchor",
    "beacon",
    "chart",
    "deck",
    "engine",
    "funnel",
    "gauge",
    "hatch",
]
CATEGORIES = [f"{one.title()} {two}" for one in WORDS[:8] for two in ("Tools", "Insights", "Safety", "Cost")]


def write_listings(folder: Path, count: int) -> None:
    """So many listings with a release each, of one publisher in every forty, as descriptors."""
    pick = random.Random(7)
    publishers = max(1, count // 40)
    for start in range(0, count, 500):
        documents = []
        if start == 0:
            documents += [_publisher(number) for number in range(publishers)]
        for number in range(start, min(count, start + 500)):
            documents += _listing(number, publishers, pick)
        (folder / f"part-{start:06}.yaml").write_text("\n---\n".join(json.dumps(one) for one in documents))


def _publisher(number: int) -> dict[str, object]:
    kinds = ("first-party", "verified-partner", "community")
    return {
        "apiVersion": "callboard.io/v1alpha1",
        "kind": "Publisher",
        "metadata": {"name": f"makers-{number}", "title": f"Makers of {WORDS[number % len(WORDS)]} {number}"},
        "spec": {"type": kinds[number % 3], "about": "We make plugins."},
    }


def _listing(number: int, publishers: int, pick: random.Random) -> list[dict[str, object]]:
    name = f"plugin-{number}"
    words = pick.sample(WORDS, 4)
    text = "\n\n".join(
        f"## About {word}\n\nIt shows the **{word}** of a component, `{name}`." for word in words
    )
    listing: dict[str, object] = {
        "apiVersion": "callboard.io/v1alpha1",
        "kind": "Listing",
        "metadata": {
            "name": name,
            "title": f"{words[0].title()} {words[1]} {number}",
            "description": f"Shows the {words[2]} of every component beside its {words[3]}, as it is today.",
            "tags": words[:3],
            "links": [{"url": f"https://{name}.example", "title": "Documentation", "type": "docs"}],
        },
        "spec": {
            "type": "plugin",
            "publisher": f"makers-{number % publishers}",
            "lifecycle": "inactive" if number % 17 == 0 else "active",
            "description": text,
            "highlights": [f"Knows {word}" for word in words],
            "categories": pick.sample(CATEGORIES, 2),
            "license": pick.choice(["Apache-2.0", "MIT", "BSD-3-Clause"]),
            "price": {"model": pick.choice(["free", "included", "contact"])},
            "support": {"provider": "Makers", "level": pick.choice(["community", "generally-available"])},
            "packages": [{"ecosystem": "npm" if number % 3 else "pypi", "name": name}],
            "added": f"20{20 + number % 6}-0{1 + number % 9}-11",
        },
    }
    release: dict[str, object] = {
        "apiVersion": "callboard.io/v1alpha1",
        "kind": "Release",
        "metadata": {"name": f"{name}-1.0.{number % 7}"},
        "spec": {
            "listing": name,
            "version": f"1.0.{number % 7}",
            "date": f"202{number % 6}-0{1 + number % 9}-21",
            "package": {"ecosystem": "npm" if number % 3 else "pypi", "name": name},
            "supports": {"backstage": "1.55.0"},
        },
    }
    return [listing, release]


def questions(count: int) -> list[str]:
    """So many different lists: plain ones, filtered ones, searches."""
    pick = random.Random(3)
    found: dict[str, None] = {}
    sorts = ("popular", "new", "updated", "name", "healthiest")
    while len(found) < count:
        pairs = [("sort", pick.choice(sorts)), ("page", str(pick.randint(1, 40)))]
        if len(found) % 3 == 1:
            pairs += [("category", pick.choice(CATEGORIES)), ("license", pick.choice(["MIT", "Apache-2.0"]))]
        if len(found) % 3 == 2:
            pairs = [
                ("q", " ".join(pick.sample(WORDS, pick.randint(1, 2)))),
                ("page", str(pick.randint(1, 5))),
            ]
        found[f"/marketplace/browse?{urlencode(pairs)}"] = None
    return list(found)


def measure(listings: int, seconds: float) -> None:
    """All figures, each beside its target."""
    with tempfile.TemporaryDirectory(prefix="callboard-site-bench-") as place:
        folder = Path(place)
        (folder / "shelf").mkdir()
        write_listings(folder / "shelf", listings)
        config = folder / "app-config.json"
        public = {"enabled": True, "url": "https://market.example"}
        auth = {"environment": "development", "providers": {"guest": {}}}
        rules = {"rules": [{"allow": ["Listing", "Release", "Publisher"]}]}
        config.write_text(json.dumps({"auth": auth, "marketplace": {"public": public}, "catalog": rules}))
        arguments = [str(folder / "shelf" / "*.yaml"), "--config", str(config)]
        with started_with(arguments, folder / "data") as server:
            print(f"\n{listings:,} listings, ready after {server.start.seconds:.1f} s")
            _pages(server)
            _load(server, listings, seconds)
        _build(folder, config)


def _pages(server: Running) -> None:
    asked = questions(2 * (REQUESTS + WARM_UP))
    times = server_times(server.base_url, asked[: REQUESTS + WARM_UP])[WARM_UP:]
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    print(f"    browse, facets, search just after readiness: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    print(f"    at rest after another {_rested(server):.0f} s", flush=True)
    times = server_times(server.base_url, asked[REQUESTS + WARM_UP :])[WARM_UP:]
    _line("browse, facets, search p50", percentile(times, 0.5), "ms", SERVER_MS)
    _line("browse, facets, search p99", percentile(times, 0.99), "ms", SERVER_MS)


def _rested(server: Running) -> float:
    """Wait until the server does nothing by itself any more; the seconds that took."""
    begun, calm = time.perf_counter(), 0
    while calm < 3:
        if time.perf_counter() - begun > LONGEST:
            raise RuntimeError(f"the server is not at rest after {LONGEST:.0f} s")
        before, since = server.processor_seconds(), time.perf_counter()
        time.sleep(1)
        share = (server.processor_seconds() - before) / (time.perf_counter() - since)
        calm = calm + 1 if share < AT_REST else 0
    return time.perf_counter() - begun


def _load(server: Running, listings: int, seconds: float) -> None:
    parts = urlsplit(server.base_url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    paths = ["/marketplace", *questions(40)]
    paths += [
        f"/marketplace/plugins/default/plugin-{number}"
        for number in range(0, listings, max(1, listings // 60))
    ]
    head = f"host: {parts.netloc}\r\naccept: text/html\r\naccept-encoding: gzip\r\n\r\n"
    requests = [f"GET {path} HTTP/1.1\r\n{head}".encode() for path in paths]
    run(address, requests, CONNECTIONS, 2.0)
    before = server.processor_seconds()
    result = run(address, requests, CONNECTIONS, seconds)
    each = (server.processor_seconds() - before) / max(1, len(result.latencies)) * 1e6
    print("    " + result.line("public pages") + f"   {each:.0f} µs of processor time each")
    rate = len(result.latencies) / result.seconds
    met = rate >= PER_SECOND and not result.failed
    print(
        f"    {'public pages':<28}{rate:>8,.0f} /s   target {PER_SECOND:>5,.0f} /s   {verdict(met)}",
        flush=True,
    )


def _build(folder: Path, config: Path) -> None:
    """The build twice: all files, then none."""
    out = folder / "site"
    for name in ("first build", "second build"):
        begun, spent = time.perf_counter(), _processor_seconds()
        command = [str(COMMAND), "site", "build", "--out", str(out), "--config", str(config)]
        command += ["--data", str(folder / "data")]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the build ended with {done.returncode}:\n{done.stderr.strip()[-4000:]}")
        whole = time.perf_counter() - begun
        print(
            f"    {name}: {done.stdout.strip()} ({whole:.1f} s with reading the catalog, "
            f"{_processor_seconds() - spent:.1f} s of processor time)"
        )
        found = re.search(r"([\d]+) written.* in ([\d.]+) s", done.stdout)
        if found is None:
            raise RuntimeError(f"the build said {done.stdout!r}")
        _line(name, float(found[2]), "s", BUILD_SECONDS)
        if name == "second build":
            print(
                f"    {'files written again':<28}{int(found[1]):>8}      target     0"
                f"      {verdict(found[1] == '0')}"
            )


def _processor_seconds() -> float:
    """Of all processes that were started here and ended, with those that they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _line(name: str, value: float, unit: str, target: float) -> None:
    print(
        f"    {name:<28}{value:>8.1f} {unit:<3}  target {target:>5.0f} {unit:<3}  "
        f"ratio {value / target:5.2f}   {verdict(value <= target)}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    measure(options.listings, options.seconds)


if __name__ == "__main__":
    main()
