"""What the page of a listing says in words: what a plugin adds, whom to ask, what it works with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from callboard.marketplace.asked import Detail, Item
from callboard.marketplace.entities import read_listing, read_release
from callboard.marketplace.figures import ListingFigures
from callboard.marketplace.site import shown
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.prose import said
from callboard.marketplace.site.showing import callboard_text, card_of, contact_of, detail_of
from tests.marketplace.model.shelves import entity


def page(
    metadata: dict[str, Any] | None = None,
    releases: list[dict[str, Any]] | None = None,
    figures: ListingFigures | None = None,
    **spec: Any,
) -> shown.Detail:
    listing = read_listing(entity("Listing", "tides", metadata, **spec))
    read = tuple(
        read_release(entity("Release", f"r{at}", listing="tides", **one))
        for at, one in enumerate(releases or [])
    )
    card = card_of(Item(listing, figures), None, Links(), date(2026, 5, 1))
    return detail_of(Detail(listing, read, None, figures, (), None), card, (), Links())


def test_contributions_are_told_in_words() -> None:
    found = page(
        releases=[
            {
                "version": "1",
                "plugin": "tides",
                "contributions": [
                    {"kind": "NavigationItem", "title": "Tides", "path": "/tides"},
                    {"kind": "Router"},
                    {"kind": "Sorcery", "title": "spell\u202e"},
                ],
            }
        ]
    )
    assert [(one.title, one.items) for one in found.contributions] == [
        ("Entries of the navigation", ("Tides: /tides",)),
        ("HTTP API", ("/api/tides",)),
        ("Sorcery", ("spell",)),
    ]


@pytest.mark.parametrize(
    ("given", "title", "url"),
    [
        ("mailto:a@b.example", "a@b.example", "mailto:a@b.example"),
        ("a@b.example", "a@b.example", "mailto:a@b.example"),
        ("https://b.example", "https://b.example", "https://b.example"),
        ("javascript:alert(1)", "javascript:alert(1)", ""),
        ("ask at the quay", "ask at the quay", ""),
    ],
)
def test_a_contact_is_a_link_where_it_can_be_one(given: str, title: str, url: str) -> None:
    found = contact_of(given)
    assert found is not None
    assert (found.title, found.url) == (title, url)
    assert contact_of("") is None


def test_marks_of_code_do_not_stand_in_summaries() -> None:
    assert said("Shows `PipelineRun` and ``kinds`` of it") == "Shows PipelineRun and kinds of it"
    assert said("one ` alone") == "one ` alone"
    found = page({"description": "Shows `tides`."}, highlights=["In `meters`"])
    assert (found.card.summary, found.description, found.highlights) == (
        "Shows tides.",
        "Shows tides.",
        ("In meters",),
    )


def test_versions_that_it_works_with_are_named() -> None:
    npm = {"ecosystem": "npm", "name": "@a/tides"}
    backend = {"ecosystem": "npm", "name": "@a/tides-backend"}
    found = page(
        releases=[
            {"version": "3", "package": npm, "role": "frontend-plugin", "supports": {"backstage": "1.52.0"}},
            {"version": "2", "package": backend, "supports": {"backstage": "1.49.4"}},
            {"version": "1", "package": npm, "supports": {"backstage": "1.0.0"}},
        ],
        packages=[npm, backend, {"ecosystem": "pypi", "name": "tides"}],
    )
    assert found.hosts == ("Backstage 1.49.4, 1.52.0", "Callboard")
    assert [(one.name, one.role) for one in found.packages][:2] == [
        ("@a/tides", "frontend plugin"),
        ("@a/tides-backend", ""),
    ]
    assert callboard_text("contract 1") == "with plugin contract 1"
    assert callboard_text(">=0.1") == ">=0.1"


def test_places_in_rankings_are_told_as_what_they_count() -> None:
    found = page(figures=ListingFigures(ranks=(("popular", 13), ("healthiest", 2))))
    assert found.ranks == (("Place by downloads", 13), ("Place by health", 2))


def test_the_last_release_is_what_is_known_of_it() -> None:
    measured = ListingFigures(last_release=date(2026, 1, 2))
    assert page(figures=measured, releases=[{"version": "1"}]).updated == "2026-01-02"
    assert page(figures=measured, releases=[{"version": "1", "date": "2025-03-04"}]).updated == "2025-03-04"
    assert page().updated == ""


def test_where_it_comes_from_is_said_in_words() -> None:
    wheel = {"type": "wheel", "ref": "tides"}
    local = [{"version": "1", "artefact": {"url": "file:///srv/tides.whl"}}]
    assert page(source=wheel, releases=local).source == "A folder of wheels"
    assert page(source=wheel, releases=[{"version": "1"}]).source == "A package index"


def test_what_its_source_says_of_its_makers_is_kept() -> None:
    notes = {"callboard.io/certified-by": "Red Hat", "callboard.io/verified-by": "Some One"}
    found = page(
        {"annotations": notes},
        authors=[{"name": "Ann", "url": "https://ann.example"}, {"name": "Bo", "url": "javascript:x"}],
        deprecated={"reason": "The harbour closed."},
    )
    assert (found.certified_by, found.verified_by) == ("Red Hat", "Some One")
    assert [(one.title, one.url) for one in found.authors] == [("Ann", "https://ann.example"), ("Bo", "")]
    assert found.deprecated == "The harbour closed."
