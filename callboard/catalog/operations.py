"""The state of the catalog for whoever runs it: sources, queue, what went wrong, memory, what was slow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.catalog.ingest.contract import Provider
from callboard.catalog.ingest.final import ORPHAN
from callboard.catalog.store import problems, runs, workload
from callboard.catalog.store.runs import Run
from callboard.catalog.store.workload import Read
from callboard.core.database import Database
from callboard.core.slow import SLOW, Slow

Row = dict[str, Any]
SHOWN = 200
ORPHAN_KEY = f"metadata.annotations.{ORPHAN}"


@dataclass(frozen=True, slots=True)
class Source:
    """A provider. `entities` it gives itself, `total` with all they brought in (through Locations).

    `installed` is False for one that is only remembered by what it gave; `next_run_at` is known of those that
    run by the clock.
    """

    name: str
    entities: int
    total: int
    last_run: Run | None
    next_run_at: float | None
    installed: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """Counts of entities. `in_hand` are processed by this node right now, and are `scheduled` too."""

    due: int
    scheduled: int
    in_hand: int
    stitching: int
    oldest_due_seconds: float | None


@dataclass(frozen=True, slots=True)
class Operations:
    """Lists hold at most `SHOWN` items; the totals tell how many there are. Times are seconds since 1970."""

    sources: list[Source]
    locations: list[Read]
    locations_total: int
    queue: Queue
    counts: dict[str, int]
    """`known`, `withErrors`, `pending`."""
    orphans: list[str]
    orphans_total: int
    errors: list[Row]
    conflicts: list[Row]
    held_back: list[Row]
    index: dict[str, Any]
    slow: list[Slow]
    """Of this node, slowest first."""


async def operations(
    database: Database, index: Index, providers: Sequence[Provider], in_hand: int, wrong: Sequence[Row]
) -> Operations:
    """`wrong` are all problems as `Catalog.problems` lists them."""
    async with database.read() as rows:
        given = await workload.given(rows)
        last = await runs.last_runs(rows)
        reads, locations_total = await workload.location_reads(rows, SHOWN)
        waiting = await workload.waiting(rows)
        counts = await problems.counts(rows)
    orphans, orphans_total = orphan_refs(index, SHOWN)
    return Operations(
        sources=_sources(providers, given, last),
        locations=reads,
        locations_total=locations_total,
        queue=Queue(waiting.due, waiting.scheduled, in_hand, waiting.stitching, waiting.oldest_seconds),
        counts=counts,
        orphans=orphans,
        orphans_total=orphans_total,
        errors=[row for row in wrong if row["type"] == "error"][:SHOWN],
        conflicts=[row for row in wrong if row["type"] == "conflict"][:SHOWN],
        held_back=[row for row in wrong if row["type"] == "heldBack"],
        index=index.stats(),
        slow=SLOW.slowest(),
    )


def _sources(
    providers: Sequence[Provider], given: dict[str, tuple[int, int]], last: dict[str, Run]
) -> list[Source]:
    installed = {provider.name: provider for provider in providers}
    found = []
    for name in sorted({*installed, *given}):
        own, total = given.get(name, (0, 0))
        next_run_at = getattr(installed.get(name), "next_run_at", None)
        found.append(Source(name, own, total, last.get(name), next_run_at, name in installed))
    return found


def orphan_refs(index: Index, limit: int | None = None) -> tuple[list[str], int]:
    """Entities that nothing names any more, sorted, and how many there are."""
    field = index.fields.get(ORPHAN_KEY)
    rows = as_bitmap(field.like("true")) if field is not None else ()
    return sorted(index.ref(row) for row in rows)[:limit], len(rows)
