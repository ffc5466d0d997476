"""How listings of the directory age: no day is left out, and nothing but the newest version counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from callboard.marketplace.intake.lifecycle import GONE, Lifecycle, lifecycle

TODAY = date(2026, 8, 21)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-1, "active"), (0, "active"), (364, "active"), (365, "active"), (366, "inactive"),
        (456, "inactive"), (457, "archived"), (5000, "archived"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stated", [None, "active", "inactive", "archived"])
def test_the_age_of_the_newest_version_decides(days: int, state: str, stated: Lifecycle | None) -> None:
    assert lifecycle(TODAY - timedelta(days=days), TODAY, stated) == state


@pytest.mark.parametrize("stated", ["active", "inactive", "archived"])
def test_what_the_file_says_counts_while_nobody_looked(stated: Lifecycle) -> None:
    assert lifecycle(None, TODAY, stated) == stated


def test_a_package_that_is_gone_makes_a_listing_inactive() -> None:
    assert lifecycle(GONE, TODAY, "active") == "inactive"
    assert lifecycle(None, TODAY) == "active"
