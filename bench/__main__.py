"""Measures a real server against the targets: start, reads, memory, pages, permissions, installing plugins,
the Marketplace, pipelines.

This is what `make bench` runs.

usage: python -m bench [--quick] [--entities N ...] [--database sqlite|postgresql] [--seconds 4]

Every figure stands beside its target, and beside what Backstage gave on the same machine where that is known.
Other work on the machine makes the figures worse, so the load average is printed with them.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.company import generate
from bench.measure import Start, measure_reads, started
from bench.pages import measure_pages, print_pages
from bench.report import SMALL, print_reads, print_start
from tests.databases import FOLDER_VARIABLE, new_server_folder, postgresql_database, stop_server

DATABASES = ("sqlite", "postgresql")


def bench(sizes: list[int], databases: list[str], seconds: float) -> None:
    """Measure each size on each database; the read scenarios on SQLite, as reads touch no database."""
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"{os.cpu_count()} cores, load average {load} before the first run")
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as temporary:
        for size in sizes:
            company = Path(temporary) / f"company-{size}"
            summary = generate(company, size)
            print(f"\n{size:,} entities in {summary.files:,} files, {summary.bytes / 1e6:.1f} MB", flush=True)
            for database in databases:
                _one(Path(temporary) / f"{database}-{size}", company, size, database, seconds)
    print(f"\nreads under a policy of three rules, {min(sizes):,} entities", flush=True)
    _alone("bench.permissions", "--entities", str(min(sizes)), "--seconds", str(seconds / 2))
    print("\nplugins installed and removed under load", flush=True)
    _alone("bench.installing", "--seconds", str(2 * seconds))
    print("\nthe public site of the Marketplace", flush=True)
    listings = SMALL if max(sizes) >= SMALL else max(sizes)
    _alone("bench.marketplace_site", "--listings", str(listings), "--seconds", str(seconds))
    print(flush=True)
    _alone("bench.pipelines", *([] if max(sizes) > SMALL else ["--rows", "1000000"]))
    print("\nreads while usage is captured", flush=True)
    _alone("bench.capture")


def _alone(module: str, *arguments: str) -> None:
    """Measure in a process of its own, which prints what it found; a target that is missed ends nothing."""
    subprocess.run([sys.executable, "-m", module, *arguments], check=False)


def _one(data: Path, company: Path, size: int, database: str, seconds: float) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_database()) if database == "postgresql" else None
        server = stack.enter_context(started(company / "catalog-info.yaml", data, url))
        start: Start = server.start
        print_start(database, size, start)
        if url is None:
            print_reads(size, measure_reads(server, seconds), server.resident_mb(), server.peak_mb())
            print_pages(measure_pages(server.base_url))
    if url is None:
        # In a process of its own, whose memory is then that of search alone.
        subprocess.run([sys.executable, "-m", "bench.search", str(data)], check=True)


def main() -> None:
    """Read the command line and run; the status is 0 whatever was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="2,000 entities only, a second a scenario")
    parser.add_argument("--entities", type=int, action="append", help="another size; may be repeated")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this; may be repeated")
    parser.add_argument("--seconds", type=float, help="how long each read scenario lasts")
    options = parser.parse_args()
    sizes = options.entities or ([2_000] if options.quick else [10_000, 100_000])
    seconds = options.seconds or (1.0 if options.quick else 4.0)
    # As an exception, so that no server outlives a benchmark that is terminated.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = None if os.environ.get(FOLDER_VARIABLE) else new_server_folder()
    try:
        bench(sizes, options.database or list(DATABASES), seconds)
    finally:
        if folder is not None:
            stop_server(folder)


if __name__ == "__main__":
    main()
