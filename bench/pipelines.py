"""Measures the pipelines: raw data to all marts on DuckDB, beside SQL by hand; memory; one new day; Spark.

usage: python -m bench.pipelines [--rows 1000000 ...] [--spark]

Rows of downloads lie over three years; 20,000 packages have documents, and half of them listings. A
registry's export holds more packages than a shelf does, so where 20,000 packages a day do not make up the
rows, others fill them. The SQL by hand reads the same raw files and writes the same marts, one COPY each.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog

from bench.pipelines_by_hand import by_hand
from bench.pipelines_raw import DAYS, TODAY, generate, new_day
from bench.report import verdict
from callboard.pipelines.engine import Backend, DuckDB, Outcome, Spark, StepReport, execute
from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS

SIZES = (1_000_000, 10_000_000, 100_000_000)
TARGET_ROWS, RATIO, MEMORY_GB, NEW_DAY_S = 100_000_000, 1.5, 4.0, 10.0
SPARK_ROWS = 200_000
MARTS = tuple(model.name for model in MODELS if model.layer == "marts")


class Peak:
    """The most memory that this process had while the block ran, in bytes."""

    def __enter__(self) -> Peak:
        self.bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._ended.wait(0.05):
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * page
            self.bytes = max(self.bytes, resident)


def engine(folder: Path, day: date) -> dict[str, object]:
    """Everything that is stale up to `day`, on DuckDB; what it took."""
    seconds: dict[str, float] = {}

    def report(step: StepReport) -> None:
        seconds[step.dataset] = seconds.get(step.dataset, 0.0) + step.finished_at - step.started_at

    backend = DuckDB(threads=os.cpu_count() or 2)
    started = time.perf_counter()
    with Peak() as peak:
        outcome = execute(Lake(folder), backend, MODELS, today=day, report=report)
    took = time.perf_counter() - started
    _complain(outcome)
    slowest = dict(sorted(seconds.items(), key=lambda one: -one[1])[:5])
    return {
        "seconds": took,
        "bytes": peak.bytes,
        "made": outcome.made,
        "rows": outcome.rows,
        "slowest": slowest,
    }


def hand(folder: Path, out: Path) -> dict[str, object]:
    """The same marts by hand; what it took."""
    started = time.perf_counter()
    with Peak() as peak:
        rows = by_hand(folder, out, os.cpu_count() or 2)
    return {"seconds": time.perf_counter() - started, "bytes": peak.bytes, "rows": rows}


def measure(rows: int, folder: Path) -> tuple[float, float]:
    """Print how a size does; seconds of the engine and by hand."""
    lake, out = folder / "lake", folder / "by-hand"
    generate(Lake(lake), rows)
    # Each in a process of its own, whose memory is then that of one alone.
    ours = _alone("engine", lake, str(TODAY))
    theirs = _alone("hand", lake, str(out))
    ratio = ours["seconds"] / theirs["seconds"]
    # What does not grow with the rows, such as compiling the models, outweighs them where these are few.
    judged = verdict(ratio <= RATIO) if rows >= TARGET_ROWS else f"for {TARGET_ROWS:,} rows"
    print(f"\n{rows:,} rows of downloads, {DAYS} days", flush=True)
    print(
        f"  to all marts      {ours['seconds']:8.1f} s   by hand {theirs['seconds']:7.1f} s   "
        f"ratio {ratio:5.2f}   target {RATIO}   {judged}"
    )
    gigabytes = ours["bytes"] / 1e9
    print(
        f"  memory            {gigabytes:8.2f} GB  by hand {theirs['bytes'] / 1e9:7.2f} GB  "
        f"target {MEMORY_GB} GB   {verdict(gigabytes < MEMORY_GB)}"
    )
    print("  longest: " + ", ".join(f"{name} {took:.1f} s" for name, took in ours["slowest"].items()))
    tomorrow = TODAY + timedelta(days=1)
    new_day(Lake(lake), rows)
    again = _alone("engine", lake, str(tomorrow))
    print(
        f"  one new day       {again['seconds']:8.1f} s   {again['made']} partitions   "
        f"target {NEW_DAY_S:.0f} s   {verdict(again['seconds'] < NEW_DAY_S)}",
        flush=True,
    )
    return ours["seconds"], theirs["seconds"]


def spark(folder: Path) -> None:
    """A sample on both engines; every mart must be the same, byte for byte."""
    lakes = [Lake(folder / name) for name in ("duckdb", "spark")]
    generate(lakes[0], SPARK_ROWS, days=90, packages=500)
    shutil.copytree(folder / "duckdb", folder / "spark")
    outcomes = []
    backends: tuple[Backend, ...] = (DuckDB(), Spark())
    for lake, backend in zip(lakes, backends, strict=True):
        started = time.perf_counter()
        _complain(execute(lake, backend, MODELS, today=TODAY))
        outcomes.append(time.perf_counter() - started)
        backend.close()
    unequal = [
        mart
        for mart in MARTS
        if [one.hash for one in lakes[0].partitions("marts", mart)]
        != [one.hash for one in lakes[1].partitions("marts", mart)]
    ]
    print(
        f"\n{SPARK_ROWS:,} rows on Spark {outcomes[1]:.1f} s, on DuckDB {outcomes[0]:.1f} s; unequal marts: "
        f"{', '.join(unequal) or 'none'}   {verdict(not unequal)}",
        flush=True,
    )


def _alone(what: str, *arguments: object) -> dict[str, Any]:  # JSON
    command = [sys.executable, "-W", "ignore", "-m", "bench.pipelines", "--part", what, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _complain(outcome: Outcome) -> None:
    if outcome.problems:
        sys.exit(f"{len(outcome.problems)} partitions were not made: {outcome.problems[0].error}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, action="append", help="another size; may be repeated")
    parser.add_argument("--spark", action="store_true", help="only the sample on Spark")
    parser.add_argument("--folder", type=Path, help="where there is room (some 10 GB for 100 million rows)")
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if options.part:
        what, lake, other = options.part
        part = (
            engine(Path(lake), date.fromisoformat(other))
            if what == "engine"
            else hand(Path(lake), Path(other))
        )
        print(json.dumps(part))
        return
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"pipelines: {os.cpu_count()} cores, load average {load} before the first run", flush=True)
    curve = []
    for rows in [] if options.spark else options.rows or SIZES:
        with tempfile.TemporaryDirectory(prefix="callboard-pipelines-", dir=options.folder) as temporary:
            curve.append((rows, *measure(rows, Path(temporary))))
    if curve:
        print("\n  rows           engine s    by hand s    s a million")
        for rows, ours, theirs in curve:
            print(f"  {rows:>12,}  {ours:9.1f}    {theirs:9.1f}    {ours / rows * 1e6:9.2f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="callboard-pipelines-") as temporary:
        spark(Path(temporary))


if __name__ == "__main__":
    main()
