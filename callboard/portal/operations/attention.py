"""What needs somebody first, in the order of how much harm waiting does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from callboard.catalog.operations import Operations

LATE = 300.0
"""Seconds after which work that is due says that the node does not keep up."""

What = Literal[
    "held-back",
    "failed-sources",
    "late",
    "errors",
    "conflicts",
    "gone-sources",
    "failed-locations",
    "orphans",
]


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at. The template has the words for `what`; `path` is where it is looked at."""

    what: What
    tone: Literal["bad", "warn", "note"]
    count: int
    path: str


def attention(found: Operations) -> list[Attention]:
    """Nothing, when all is well."""
    waiting = sum(1 for row in found.held_back if row["state"] == "waiting")
    failed = sum(1 for one in found.sources if one.last_run is not None and one.last_run.error)
    gone = sum(1 for one in found.sources if not one.installed)
    locations = sum(1 for one in found.locations if one.errors)
    late = found.queue.due if (found.queue.oldest_due_seconds or 0) > LATE else 0
    all_ = (
        Attention("held-back", "bad", waiting, "/admin/held-back"),
        Attention("failed-sources", "bad", failed, "/admin/sources"),
        Attention("failed-locations", "bad", locations, "/admin/sources#locations"),
        Attention("late", "warn", late, "/admin/queue"),
        Attention("errors", "warn", found.counts["withErrors"], "/admin/problems?type=error"),
        Attention("conflicts", "warn", len(found.conflicts), "/admin/problems?type=conflict"),
        Attention("gone-sources", "note", gone, "/admin/sources"),
        Attention("orphans", "note", found.orphans_total, "/admin/orphans"),
    )
    return [one for one in all_ if one.count]
