"""Full text is SQL's LIKE: any substring, wildcards included, and no pattern that takes forever."""

import pytest

from callboard.catalog.index.fulltext import Haystack, like, like_segments
from callboard.catalog.index.postings import Field


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("mp", "lamp", True),
        ("%", "", True),
        ("l%p", "a lamp", True),
        ("p%l", "lamp", False),
        ("l_mp", "lamp", True),
        ("l_mp", "lmp", False),
        ("_", "", False),
        ("a_b", "a\nb", True),
        (r"50\%", "50% off", True),
        (r"50\%", "500", False),
        (r"a\_b", "axb", False),
        ("a\\", "a\\b", True),
        ("_ber", "über", True),
        (".", "lamp", False),
    ],
)
def test_patterns_match_as_in_sql(pattern: str, value: str, matches: bool) -> None:
    assert like(value, like_segments(pattern)) is matches
    field = Field()
    field.add(3, value)
    assert (3 in Haystack(field).contains(pattern)) is matches


@pytest.mark.timeout(60)  # backtracking would take longer than anybody lives
def test_a_hostile_pattern_ends() -> None:
    field = Field()
    for row in range(200):
        field.add(row, "a" * 190 + str(row))
    assert not Haystack(field).contains("a%" * 90 + "b")
    assert not Haystack(field).contains("_%" * 90 + "a_b")


def test_prefixes_are_found_at_the_start_only() -> None:
    field = Field()
    for row, value in enumerate(("lamp", "clamp", "Lamppost", "lam", "")):
        field.add(row, value)
    haystack = Haystack(field)
    assert set(haystack.begins("lamp")) == {0, 2}
    assert set(haystack.begins("")) == {0, 1, 2, 3, 4}
    assert set(haystack.contains("lamp")) == {0, 1, 2}


def test_many_hits_are_found_as_surely_as_few() -> None:
    field = Field()
    for row in range(3000):
        field.add(row, f"lamp-{row}-lamp" if row % 3 else f"LAM-{row}")
    field.add(1, "lam-0")
    haystack = Haystack(field)
    assert set(haystack.contains("lamp")) == {row for row in range(3000) if row % 3}
    assert set(haystack.contains("p-2999")) == {2999}
    assert set(haystack.begins("lam-")) == {1, *range(0, 3000, 3)}
    assert len(haystack.begins("lam")) == len(haystack.contains("%")) == 3000
