"""How many entities of each kind a decision leaves, of those that the one who looks may see. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callboard.access.permissions.types import Decision, PermissionRule, Result
from callboard.catalog.permissions import condition_of
from callboard.catalog.query import Queries


@dataclass(frozen=True, slots=True)
class Seen:
    """A kind, how many entities of it the decision leaves, and how many there are."""

    kind: str
    count: int
    total: int


def kinds_seen(queries: Queries, decision: Decision, rules: Iterable[PermissionRule]) -> list[Seen]:
    """Every kind with its counts, by name. What the index cannot judge is counted as hidden."""
    totals = queries.facet_counts("kind")
    counts: dict[str, int] = {}
    if decision.result is Result.ALLOW:
        counts = dict(totals)
    elif decision.conditions is not None:
        provided = {(rule.resource_type, rule.name): rule for rule in rules}
        try:
            counts = dict(queries.facet_counts("kind", condition_of(decision.conditions, provided)))
        except KeyError:  # a rule that only looks at single entities: no list shows anything by it
            counts = {}
    return [Seen(kind, counts.get(kind, 0), total) for kind, total in totals]
