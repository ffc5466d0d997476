"""A mistake in what is said of a listing is told in the words of who fills in a form."""

from __future__ import annotations

from typing import Any

import pytest

from callboard.core.errors import InputError
from callboard.marketplace.checks import read_declared
from callboard.marketplace.desk_pages.submission_form import chapters_of, links_of
from tests.marketplace.wheels import FIELDS


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"summary": "x"}, "summary must have at least 10 characters; it has 1"),
        ({"summary": "x" * 171}, "summary must have at most 170 characters; it has 171"),
        ({"title": " "}, "title must have at least 1 character"),
        ({"categories": []}, "categories must have at least 1 entry; it is empty"),
        ({"categories": ["a"] * 6}, "categories must have at most 5 entries; it has 6"),
        ({"categories": "a"}, "categories must be a list"),
        ({"title": 3}, "title must be a text"),
        ({"colour": "red"}, "colour is no field of the listing"),
        ({"tags": ["Water"]}, "tags[0] must be lower-case letters and digits"),
        ({"price": {"model": "gold"}}, "price.model must be one of: free, included, contact"),
        ({"price": "free"}, "price must be a mapping of fields"),
        ({"links": [{"title": "Source"}]}, "links[0].url is missing"),
        ({"related": ["user:default/jane"]}, "related[0] must name listings, not a user"),
        ({"related": ["/x"]}, "related[0] must name listings"),
        ({"documentation": [{"title": "Usage"}]}, "documentation[0].markdown is missing"),
    ],
)
def test_a_mistake_is_told_in_plain_words(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_declared({**FIELDS, **changes})
    assert str(caught.value).startswith(told)
    assert "validation" not in str(caught.value)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InputError, match=r"^license is missing$"):
        read_declared({name: value for name, value in FIELDS.items() if name != "license"})


def test_related_listings_are_named_with_or_without_their_namespace() -> None:
    found = read_declared({**FIELDS, "related": ["Waves", "rhdh/tekton", "listing:default/x"]}).related
    assert found == ["listing:default/waves", "listing:rhdh/tekton", "listing:default/x"]


def test_lines_of_links_are_read() -> None:
    assert links_of(
        "Source: https://a.example.org/x\n\nhttps://b.example.org/y\nA: b: https://c.example.org"
    ) == [
        {"title": "Source", "url": "https://a.example.org/x"},
        {"title": "b.example.org", "url": "https://b.example.org/y"},
        {"title": "A: b", "url": "https://c.example.org"},
    ]


@pytest.mark.parametrize("line", ["nonsense", "Source: nowhere", ": https://a.example.org", "Source:"])
def test_a_line_without_an_address_is_no_link(line: str) -> None:
    with pytest.raises(InputError, match="Line 2 of the links"):
        links_of(f"Docs: https://docs.example.org\n{line}")


def test_a_heading_within_code_begins_no_chapter() -> None:
    text = "# A #\n~~~~\n# not\n~~~\n# nor\n~~~~\n## Part\n# Usage\ntext"
    assert [(one["title"], one["type"]) for one in chapters_of(text)] == [("A", ""), ("Usage", "usage")]
    assert chapters_of("\n \n") == []
