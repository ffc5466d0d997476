"""Measures search over the catalog that a server left behind: build, typing, whole answers, a change, size.

usage: python -m bench.search DATA_FOLDER

The folder is the `--data` of a server on SQLite that is stopped. Run by itself or by `python -m bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.measure import process_mb
from bench.report import percentile, verdict
from callboard.catalog.store.effects import TOPIC
from callboard.core.database import Database
from callboard.core.feed import Feed
from callboard.search import Search, SearchRequest

FACETS = ("kind", "type", "lifecycle", "owner")
TERMS = 100
CHANGES = 10
BUILD_S, SUGGEST_MS, ANSWER_MS, VISIBLE_S, GROWN_MB = 60.0, 10.0, 50.0, 1.0, 100.0


@dataclass
class Figures:
    """What was measured; latencies in seconds."""

    documents: int = 0
    build: float = 0.0
    loop_delays: list[float] = field(default_factory=list)
    suggest: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    index_mb: float = 0.0
    grown_mb: float = 0.0


async def measure(database_url: str, folder: Path) -> Figures:
    """Every figure, over the final entities of a database."""
    figures, database = Figures(), Database(database_url)
    feed = Feed(database)
    await feed.newest()  # the connection is made before the clock starts
    search = Search(database, feed, folder)
    before, begun = process_mb(os.getpid(), "VmRSS"), time.perf_counter()
    await search.start()
    while not search.ready:
        slept = time.perf_counter()
        await asyncio.sleep(0.001)
        figures.loop_delays.append(time.perf_counter() - slept - 0.001)
    figures.build = time.perf_counter() - begun
    figures.documents = search.documents
    figures.index_mb = search.bytes_on_disk() / 1e6
    await _type(search, figures)
    figures.grown_mb = process_mb(os.getpid(), "VmRSS") - before
    for number in range(CHANGES):
        figures.visible.append(await _change(database, feed, search, number))
    await search.stop()
    await database.close()
    return figures


async def _type(search: Search, figures: Figures) -> None:
    """Names typed letter by letter, as in the palette and on the search page."""
    pick = random.Random(3)
    starts = [pick.randrange(max(1, search.documents - 1)) for _ in range(TERMS)]
    for start in starts:
        page = await search.query(SearchRequest(offset=start, limit=1))
        title = page.hits[0].document.title
        for end in range(1, min(len(title), 20) + 1, 2):
            begun = time.perf_counter()
            await search.suggest(title[:end], 8)
            middle = time.perf_counter()
            await search.query(SearchRequest(title[:end], facets=FACETS))
            figures.suggest.append(middle - begun)
            figures.answers.append(time.perf_counter() - middle)


async def _change(database: Database, feed: Feed, search: Search, number: int) -> float:
    """Seconds from the commit of a changed entity until it is found by its new title."""
    word = f"renamed{number}for{os.getpid()}"

    async def work(connection: AsyncConnection) -> None:
        row = await connection.execute(text("SELECT entity_ref, body FROM final_entities LIMIT 1"))
        ref, body = row.one()
        entity = orjson.loads(body)
        entity["metadata"]["title"] = word
        await connection.execute(
            text("UPDATE final_entities SET body = :body WHERE entity_ref = :ref"),
            {"body": orjson.dumps(entity).decode(), "ref": ref},
        )
        await feed.append(connection, TOPIC, [(ref, "put")])

    await database.write(work)
    begun = time.perf_counter()
    feed.wake()
    while not (await search.query(SearchRequest(word, limit=1))).total:  # noqa: ASYNC110 - as a client asks
        await asyncio.sleep(0.005)
    return time.perf_counter() - begun


def print_search(figures: Figures) -> None:
    """The figures, each with its target."""

    def line(name: str, values: list[float], target: float, unit: str, scale: float = 1.0) -> None:
        middle, high = percentile(values, 0.5) * scale, percentile(values, 0.99) * scale
        print(
            f"    {name:<22}p50 {middle:7.2f} {unit}   p99 {high:7.2f} {unit}   "
            f"target {target:3.0f} {unit}   ratio {high / target:5.2f}   {verdict(high < target)}"
        )

    build, grown = figures.build, figures.grown_mb
    print(
        f"    {'search build':<22}{build:7.2f} s   target {BUILD_S:3.0f} s   ratio {build / BUILD_S:5.2f}   "
        f"{verdict(build < BUILD_S)}   ({figures.documents:,} documents, index {figures.index_mb:.1f} MB, "
        f"event loop late p99 {percentile(figures.loop_delays, 0.99) * 1e3:.1f} ms)"
    )
    line("search while typing", figures.suggest, SUGGEST_MS, "ms", 1e3)
    line("search with counts", figures.answers, ANSWER_MS, "ms", 1e3)
    line("search sees a change", figures.visible, VISIBLE_S, "s")
    print(
        f"    {'search memory':<22}{grown:6.0f} MB   target {GROWN_MB:3.0f} MB   "
        f"ratio {grown / GROWN_MB:5.2f}   {verdict(grown < GROWN_MB)}",
        flush=True,
    )


def bench_search(data: Path) -> None:
    """Measure and print; the catalog in the folder is changed slightly."""
    with tempfile.TemporaryDirectory(prefix="callboard-search-") as folder:
        url = f"sqlite+aiosqlite:///{data / 'callboard.sqlite'}"
        print_search(asyncio.run(measure(url, Path(folder))))


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    bench_search(parser.parse_args().data)


if __name__ == "__main__":
    main()
