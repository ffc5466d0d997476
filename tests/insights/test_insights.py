"""The Insights page, its API and its pictures."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from callboard.insights.api import csv_of
from callboard.insights.charts import HEIGHT, LABEL, Bars, Lines, drawn
from callboard.insights.reports import BY_ID, REPORTS
from tests.portal.conftest import open_site, site
from tests.portal.site import Site

__all__ = ["open_site", "site"]
GROWTH = [
    {"day": date(2026, 3, day), "kind": kind, "entities": number + day}
    for day in (1, 2)
    for number, kind in enumerate("abcdefgh", 1)
]


def test_lines_are_told_apart_without_colour_and_their_names_do_not_overlap() -> None:
    picture = drawn(BY_ID["catalog"], GROWTH)
    assert isinstance(picture, Lines)
    assert len({one.dash for one in picture.lines}) == len(picture.lines) == 6
    assert picture.lines[-1].name == "all others"
    assert picture.lines[-1].last == 3 + 4 + 5
    places = sorted(one.label_y for one in picture.lines)
    assert all(two - one >= LABEL - 0.1 for one, two in itertools.pairwise(places))
    assert places[-1] < HEIGHT


def test_bars_bear_their_numbers() -> None:
    picture = drawn(BY_ID["searches"], [{"term": "vpn", "searches": 1200}, {"term": "sso", "searches": 300}])
    assert isinstance(picture, Bars)
    assert [(one.share, one.text) for one in picture.bars] == [(100.0, "1,200"), (25.0, "300")]


def test_a_term_in_csv_is_no_formula() -> None:
    assert csv_of(BY_ID["searches"], [{"term": "=1+1", "searches": 2}]) == "term,searches\r\n'=1+1,2\r\n"


@pytest.mark.parametrize("report", [one.id for one in REPORTS])
def test_a_report_without_rows_has_no_picture(report: str) -> None:
    assert drawn(BY_ID[report], []) is None


async def test_the_page_and_the_api_answer_before_there_are_numbers(site: Site) -> None:
    page = await site.client.get("/insights")
    assert page.status_code == 200
    assert "There are no numbers yet" in page.text
    listed = (await site.client.get("/api/insights")).json()
    assert [one["id"] for one in listed["items"]] == [one.id for one in REPORTS]
    assert (await site.client.get("/api/insights/users")).json()["rows"] == []
    assert (await site.client.get("/api/insights/nothing")).status_code == 404
    assert (await site.client.get("/api/insights/users?days=0")).status_code == 400


async def test_pipelines_that_are_off_say_so(site: Site) -> None:
    page = await site.client.get("/admin/pipelines")
    assert page.status_code == 404
    assert "pipelines.enabled: true" in page.text
    taken = await site.client.post("/api/analytics/events", json={"action": "navigate", "subject": "/"})
    assert (taken.status_code, taken.json()) == (202, {"taken": 0})
