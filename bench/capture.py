"""Compares reads of a portal that are captured as usage with those that are not: it may cost 2 % at most.

usage: python -m bench.capture [--entities 2000] [--rounds 20]

One running server captures usage, and is asked the same twice in a row: by a browser that sends `DNT: 1`, for
which nothing is captured, and by one that does not. Two servers, or one that is switched, differ by more than
is measured here. Pages of the catalog are what is captured, an event each; reads of the catalog's API stand
beside them, and show what chance does. What a server bears is bounded by the processor time of a request; the
median of the pairs counts. What is done later, writing an event down, is measured by itself and added.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from bench.company import generate
from bench.measure import processor_seconds
from bench.reads import ROOT, ask
from bench.report import verdict
from callboard.pipelines.capture import Event
from callboard.pipelines.capture.spool import Spool
from callboard.pipelines.lake import Lake
from callboard.web.preferences.preferences import COOKIE
from tests.servers import running_server

COST = 0.02
VISITORS = 50


@dataclass
class Portal:
    """A running server, asked over one connection."""

    base_url: str
    pid: int

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def pair(self, path: str, number: int) -> tuple[float, float]:
        """Processor seconds of a request that is not captured, and of one that is."""
        spent = [0.0, 0.0]
        for captured in (False, True) if number % 2 else (True, False):
            before = processor_seconds(self.pid)
            self._get(path, number, captured)
            spent[captured] = processor_seconds(self.pid) - before
        return spent[0], spent[1]

    def _get(self, path: str, number: int, captured: bool) -> None:
        """Raises RuntimeError when the answer is no 200."""
        visitor = f"{COOKIE}=bench-visitor-{number % VISITORS:08d}"
        headers = {"accept": "text/html", "cookie": visitor, "dnt": "0" if captured else "1"}
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")


def bench(entities: int, rounds: int) -> bool:
    """Print what reads of both kinds take; whether the target is met."""
    met, sent = True, 0
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as temporary:
        data, company = Path(temporary) / "data", Path(temporary) / "company"
        generate(company, entities)
        environment = {"APP_CONFIG_pipelines": json.dumps({"usage": {"enabled": True}})}
        arguments: list[str | Path] = [company / "catalog-info.yaml", "--no-watch"]
        with running_server(arguments, environment, data=data) as server:
            portal = Portal(server.base_url, server.process.pid)
            for name, paths in _paths(server.base_url).items():
                count = (rounds + 1) * len(paths)
                pairs = [portal.pair(paths[n % len(paths)], n) for n in range(count)]
                pairs = pairs[len(paths) :]  # the first round warms up
                later = _later() if name == "pages" else 0.0
                sent += count if name == "pages" else 0
                middle = statistics.median(off for off, _ in pairs)
                more = statistics.median(on - off for off, on in pairs) + later
                cost = more / (middle + more)
                met = met and cost < COST
                print(
                    f"  {name:<6}{len(pairs):>6,} pairs of requests   {middle * 1e3:7.3f} ms of processor, "
                    f"{more * 1e6:+7.1f} us when captured ({later * 1e6:.1f} of them later)   "
                    f"cost {cost * 100:5.2f} %   target {COST * 100:.0f} %   {verdict(cost < COST)}",
                    flush=True,
                )
        # A server that stops writes what it captured.
        events = _captured(data)
    print(f"  {events:,} of {sent:,} pages were captured   {verdict(events == sent)}", flush=True)
    return met and events == sent


def _later() -> float:
    """Processor seconds that writing one event down takes, in the background."""
    events = [
        Event("navigate", f"/catalog/default/component/c{number}", datetime.now(UTC), None, "entity",
              "/catalog/{namespace}/{kind}/{name}", "group:default/crew", f"{number % VISITORS:024d}")
        for number in range(20_000)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as folder:
        spool = Spool(Lake(folder))
        begun = time.process_time()
        spool.write(events)
        return (time.process_time() - begun) / len(events)


def _paths(base: str) -> dict[str, list[str]]:
    """What is read of the API, and which pages."""
    fields = "kind,metadata.name,metadata.namespace"
    items = ask(base, f"/entities/by-query?limit=40&fields={fields}")["items"]
    assert isinstance(items, list)
    api, pages = [], ["/catalog", "/catalog?kind=api", "/search?q=service"]
    for one in items:
        kind, name = one["kind"].lower(), quote(one["metadata"]["name"])
        namespace = one["metadata"].get("namespace", "default")
        api.append(f"{ROOT}/entities/by-name/{kind}/{namespace}/{name}")
        api.append(f"{ROOT}/entities/by-query?filter=kind={kind}&limit=20&fullTextFilterTerm={name[:4]}")
        api.append(f"{ROOT}/entity-facets?facet=spec.type&filter=kind={kind}")
        pages.append(f"/catalog/{namespace}/{kind}/{name}")
    return {"api": api, "pages": pages}


def _captured(data: Path) -> int:
    """Visits of pages that were written down."""
    files = (data / "pipelines" / "_spool" / "events").glob("*.jsonl")
    lines = (json.loads(line) for one in files for line in one.read_bytes().splitlines())
    return sum(1 for one in lines if one["action"] == "navigate")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    bench(options.entities, options.rounds)


if __name__ == "__main__":
    main()
