"""Comparing works by links and one form: one searches all listings, adds one, and takes one out again."""

from __future__ import annotations

import html
import re
from pathlib import Path

from callboard.testing.portal import PortalUnderTest
from tests.marketplace.site.conftest import listing, release

PATH = "/marketplace/compare"


def links(page: str, text: str) -> list[str]:
    """The addresses of the links that say this first."""
    found = re.findall(r'<a class="button small" href="([^"]+)">.*?</svg>([^<]+)', page)
    return [html.unescape(address) for address, said in found if said == text]


async def test_one_begins_with_nothing_and_finds_any_listing(market: PortalUnderTest) -> None:
    await market.give(*(listing(f"boat-{number:02}", title=f"Boat {number:02}") for number in range(40)))
    page = await market.page(PATH)
    assert "Choose what to compare" in page
    assert "<table" not in page
    found = await market.page(f"{PATH}?q=boat+37")
    assert links(found, "Add") == [f"{PATH}?with=default%2Fboat-37"]
    one = await market.page(links(found, "Add")[0])
    assert 'scope="col"' in one
    assert "Boat 37" in one


async def test_one_is_added_and_taken_out_and_three_are_enough(market: PortalUnderTest) -> None:
    await market.give(listing("nets", title="Nets"), listing("sails", title="Sails"))
    two = await market.page(f"{PATH}?with=default/tides&with=default/nets&q=sails")
    assert 'name="with" value="default/tides"' in two  # the search keeps what was chosen
    assert links(two, "Remove") == [f"{PATH}?with=default%2Fnets", f"{PATH}?with=default%2Ftides"]
    (more,) = links(two, "Add")
    three = await market.page(more)
    assert len(links(three, "Remove")) == 3
    assert links(three, "Add") == []
    assert "Three is as many" in three


async def test_what_is_not_found_is_said(market: PortalUnderTest) -> None:
    page = await market.page(f"{PATH}?q=zzzz")
    assert "No other listing is found for" in page
    assert links(page, "Add") == []


async def test_the_page_of_a_listing_leads_to_comparing_it_with_what_one_chooses(
    market: PortalUnderTest,
) -> None:
    page = await market.page("/marketplace/plugins/default/tides")
    (path,) = re.findall(rf'href="({PATH}[^"]*)"', page)
    assert path == f"{PATH}?with=default%2Ftides"
    assert links(await market.page(path), "Add")  # something to begin with


async def test_support_and_versions_stand_in_rows_of_their_own_and_empty_rows_nowhere(
    market: PortalUnderTest,
) -> None:
    await market.give(
        listing(
            "nets",
            support={"provider": "Red Hat", "level": "generally-available"},
            packages=[{"ecosystem": "npm", "name": "nets"}],
        ),
        release(
            "nets", "1.0", package={"ecosystem": "npm", "name": "nets"}, supports={"backstage": "1.52.0"}
        ),
    )
    page = await market.page(f"{PATH}?with=default/nets&with=default/ropes")
    rows = dict(re.findall(r'<tr><th scope="row">([^<]+)</th><td>([^<]*)</td>', page))
    assert rows["Support by"] == "Red Hat"
    assert rows["Level of support"] == "Generally available"
    assert rows["Works with"] == "Backstage 1.52.0"
    assert "Downloads in 30 days" not in rows


def test_the_styles_tell_narrow_screens_that_there_is_more() -> None:
    styles = Path(__file__).parents[3] / "callboard" / "web" / "static" / "marketplace.css"
    assert ".compare-hint{display:flex" in styles.read_text()
