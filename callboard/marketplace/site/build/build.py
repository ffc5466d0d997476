"""Builds the whole site from frozen data, in several processes when it is worth their start."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callboard.marketplace.site.build.folder import Folder
from callboard.marketplace.site.build.frozen import Frozen
from callboard.marketplace.site.build.jobs import Bench, Job, all_jobs, work
from callboard.web.assets import Assets
from callboard.web.contributions import Templates
from callboard.web.templating import environment

TEMPLATES = Path(__file__).parents[1] / "templates"
USED = ("site.", "market.", "icons.", "brand.", "LICENSES.")
ALONE = 500
"""Up to so many entities one process is as fast as several."""


@dataclass(frozen=True, slots=True)
class Built:
    """`files` is how many the site has, `written` how many of them were new or changed."""

    files: int
    written: int
    removed: int
    seconds: float


def build(frozen: Frozen, out: Path, processes: int | None = None) -> Built:
    """Write the site into a folder. What did not change since the last build is not touched."""
    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    count = processes or (1 if len(frozen.entries) <= ALONE else os.cpu_count() or 1)
    folder = Folder.open(out)
    if count == 1:
        bench = _bench(frozen, out)
        parts = [_worked(bench, job) for job in asyncio.run(all_jobs(bench.shop))]
    else:
        parts = list(_by_several(frozen, out, count))
    made: dict[str, str] = {}
    written = 0
    for some, number in parts:
        made |= some
        written += number
    for path, content in Assets().contents().items():
        if path.rpartition("/")[2].startswith(USED):
            folder.put(path, content)
    removed = folder.finish(made | folder.made)
    files = len(made) + len(folder.made)
    return Built(files, written + folder.written, removed, time.perf_counter() - started)


def _by_several(frozen: Frozen, out: Path, count: int) -> Iterable[tuple[dict[str, str], int]]:
    # Not forked: the process may hold threads, whose locks a copy would keep for ever.
    context = multiprocessing.get_context("spawn")
    with context.Pool(count, _begin, (frozen, out)) as pool:
        yield from pool.imap_unordered(_job, pool.apply(_jobs))


_working: Bench | None = None


def _begin(frozen: Frozen, out: Path) -> None:
    global _working  # noqa: PLW0603 - how a process of a pool keeps what it was given
    # What the site is made from are millions of objects that stay: looking for garbage among them takes a
    # third of the time.
    gc.set_threshold(100_000, 20, 50)
    _working = _bench(frozen, out)
    gc.freeze()


def _jobs() -> list[Job]:
    """All there is to do, as one of the processes finds it; who started them has no index of its own."""
    assert _working is not None
    return asyncio.run(all_jobs(_working.shop))


def _job(job: Job) -> tuple[dict[str, str], int]:
    assert _working is not None
    return _worked(_working, job)


def _worked(bench: Bench, job: Job) -> tuple[dict[str, str], int]:
    """The files of a job with their hashes, and how many were written."""
    bench.folder.made.clear()
    bench.folder.written = 0
    asyncio.run(work(bench, job))
    return dict(bench.folder.made), bench.folder.written


def _bench(frozen: Frozen, out: Path) -> Bench:
    templates = environment([Templates("market", TEMPLATES)], Assets())
    return Bench(frozen.shop(), templates, Folder.open(out))
