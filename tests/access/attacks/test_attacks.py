"""The table of attacks: each meets the status it must meet, on both databases, against the whole portal."""

from __future__ import annotations

import pytest

from tests.access.attacks import enumerating, forging, leaks, signing_in, tokens
from tests.access.attacks.cases import Case
from tests.access.attacks.siege import Siege
from tests.portal.hidden import RULES

CASES: tuple[Case, ...] = (
    *tokens.CASES,
    *signing_in.CASES,
    *forging.CASES,
    *leaks.CASES,
    *enumerating.CASES,
)
LEAKS = (
    *("list", "count", "facet", "filter", "by refs", "by name"),
    *("search", "suggestion", "graph", "relations", "history", "ancestry", "export"),
)
CATEGORIES = {
    *("missing", "expired", "wrong audience", "wrong key", "alg none", "swapped kid"),
    *("replayed state", "foreign redirect", "open redirect", "fixation", "revoked session"),
    *("restricted token", "confused deputy", "enumeration", "cursor", "CSRF"),
    *("host header", "oversized body", "slow body"),
    *(f"leak by {path}" for path in LEAKS),
}


@pytest.mark.asyncio(loop_scope="package")
@pytest.mark.parametrize("case", CASES, ids=[f"{one.category}: {one.name}" for one in CASES])
async def test_an_attack_meets_the_status_it_must_meet(siege: Siege, case: Case) -> None:
    assert await case.attack(siege) == case.status


def test_the_table_has_every_kind_of_attack() -> None:
    found = [one.category for one in CASES]
    assert set(found) >= CATEGORIES
    assert len(CASES) - found.count("control") - len(RULES) * len(leaks.PATHS) >= 60
    assert len({(one.category, one.name) for one in CASES}) == len(CASES)
