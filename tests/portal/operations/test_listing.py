from __future__ import annotations

import pytest

from callboard.portal.operations.listing import SIZE, matching, part

PROBLEMS = [
    {"type": "error", "entityRef": "component:default/crane", "message": "is required", "source": "/a.yaml"},
    {"type": "conflict", "entityRef": "api:default/tide", "message": "claims it too"},
    {"type": "heldBack", "provider": "github", "message": "gave 1 of 20 entities"},
]


@pytest.mark.parametrize(
    ("wanted", "page", "first", "last"),
    [
        (None, 1, 1, 50),
        ("2", 2, 51, 100),
        ("3", 3, 101, 120),
        ("99", 3, 101, 120),
        ("x", 1, 1, 50),
        ("²", 1, 1, 50),
    ],
)
def test_a_page_that_is_not_there_is_the_nearest_one(
    wanted: str | None, page: int, first: int, last: int
) -> None:
    found = part(range(120), wanted)
    assert (found.page, found.first, found.last, found.pages, found.total) == (page, first, last, 3, 120)


def test_an_empty_list_has_one_empty_page() -> None:
    found = part(range(0), "7")
    assert (found.page, found.first, found.last, list(found.items)) == (1, 0, 0, [])


def test_a_full_page_is_followed_by_none() -> None:
    assert part(range(SIZE), "2").pages == 1


@pytest.mark.parametrize(
    ("type", "text", "count"),
    [
        ("", "", 3),
        ("error", "", 1),
        ("", "CRANE", 1),
        ("", "crane required", 1),
        ("conflict", "crane", 0),
        ("", "github", 1),
    ],
)
def test_problems_match_by_type_and_by_every_word(type: str, text: str, count: int) -> None:
    assert len(matching(PROBLEMS, type, text)) == count
