"""The table of the benchmark: each figure with its target, and how it compares with Backstage."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bench.measure import Start
from bench.reads import Result

SMALL, LARGE = 10_000, 100_000
P99_MS = 20.0


@dataclass(frozen=True)
class Goal:
    """Requests a second that are wanted at 10,000 entities, and what Backstage gave there."""

    wanted: float
    backstage: float


GOALS = {
    "page": Goal(4000, 39),
    "full-text": Goal(2000, 47),
    "facets": Goal(3000, 48),
    "by-name": Goal(7000, 663),
    "by-refs": Goal(2500, 342),
    "ancestry": Goal(2000, 280),
}
BACKSTAGE_MB = 690


def ready_target(size: int) -> float:
    """Seconds that the start may take."""
    return 5.0 if size <= SMALL else 60.0


def memory_target(size: int) -> float:
    """MB that the process may occupy."""
    return 350.0 if size <= SMALL else 1000.0


def verdict(met: bool) -> str:
    """What stands at the end of a line."""
    return "ok" if met else "MISS"


def print_start(database: str, size: int, start: Start) -> None:
    """How long it took until everything was answerable."""
    target = ready_target(size)
    load = os.getloadavg()[0]
    print(
        f"  {database:<12} ready {start.seconds:7.2f} s   target {target:4.0f} s   "
        f"ratio {start.seconds / target:5.2f}   {verdict(start.seconds < target)}   (load {load:.2f})"
    )
    if start.stages:
        print("    stages: " + ", ".join(f"{name} {value:.2f} s" for name, value in start.stages.items()))
    _print_memory("after start", start.resident_mb, size)


def print_reads(size: int, results: dict[str, Result], resident: float, peak: float) -> None:
    """What each read scenario gave; at more than 10,000 entities half the rate is wanted."""
    share = 1.0 if size <= SMALL else 0.5
    heads = "".join(f"{head:>10}" for head in ("req/s", "target", "ratio", "Backstage", "p99 ms"))
    print(f"    {'reads, 16 connections':<22}{heads}")
    for name, result in results.items():
        rate, p99 = len(result.latencies) / result.seconds, percentile(result.latencies, 0.99) * 1e3
        goal = GOALS.get(name)
        wanted = f"{goal.wanted * share:>10,.0f}{rate / goal.wanted / share:>10.2f}" if goal else " " * 20
        versus = f"{rate / goal.backstage:>9,.0f}x" if goal and size == SMALL else " " * 10
        met = p99 < P99_MS and not result.failed and (goal is None or rate >= goal.wanted * share)
        failed = f"   {result.failed} failed" if result.failed else ""
        print(f"    {name:<22}{rate:>10,.0f}{wanted}{versus}{p99:>10.2f}   {verdict(met)}{failed}")
    _print_memory("after load", resident, size)
    print(f"    {'peak memory':<22}{peak:>6.0f} MB")


def _print_memory(when: str, resident: float, size: int) -> None:
    target = memory_target(size)
    versus = f"   {resident / BACKSTAGE_MB:.2f} of Backstage" if size == SMALL else ""
    print(
        f"    {'memory ' + when:<22}{resident:>6.0f} MB   target {target:,.0f} MB   "
        f"ratio {resident / target:5.2f}   {verdict(resident <= target)}{versus}",
        flush=True,
    )


def percentile(values: list[float], share: float) -> float:
    """The value that a share of all does not exceed; 0 for none."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
