"""Nobody becomes another publisher by its name: what reviewers are told, and who gives way to whom."""

from __future__ import annotations

import html

from callboard.catalog.ingest.contract import LOCATION
from callboard.marketplace.intake.following import ADDRESS
from callboard.marketplace.model import PUBLISHER_TITLE
from tests.marketplace.conftest import until
from tests.marketplace.desk.market import EVE, PAT, RAE, Market, entity
from tests.marketplace.desk.test_pages import visitor

RED_HAT = {"name": "red-hat", "title": "Red Hat"}


def listed(name: str, publisher: str = "red-hat", title: str = "Red Hat") -> dict[str, object]:
    """A listing whose source only names its publisher."""
    return entity("Listing", name, publisher=publisher, annotations={PUBLISHER_TITLE: title})


async def fallback(market: Market) -> None:
    """Two listings of a publisher that nobody describes, which the Marketplace therefore makes."""
    await market.site.give(listed("tekton"), listed("quay"))
    await until(market.site, lambda: "publisher:default/red-hat" in market.site.node.refs)


async def location(market: Market, ref: str) -> str:
    return str((await market.site.node.entity(ref))["metadata"]["annotations"][LOCATION])


async def test_a_name_that_listings_give_is_told_to_reviewers_on_the_page_and_by_the_api(
    market: Market,
) -> None:
    await fallback(market)
    pat, rae = await market.person(PAT), await market.person(RAE)
    made = await pat.ask("POST", "/publishers", 201, RED_HAT)
    assert [(one["level"], one["code"]) for one in made["findings"]] == [("error", "name-listed")]
    assert "2 listings" in made["findings"][0]["message"]
    seen = await rae.ask("GET", "/publishers/red-hat", 200)
    assert seen["findings"] == made["findings"]
    reviewer = await visitor(market, RAE)
    for path in ("/marketplace/desk/review", "/marketplace/desk/publishers/red-hat"):
        assert "The name is that of" in html.unescape(await reviewer.page(path))
    # Nobody approves it without a word.
    assert "nevertheless" in await rae.refused("POST", "/publishers/red-hat/approve", 400, {})
    words = {"reason": "They called us from their switchboard."}
    done = await rae.ask("POST", "/publishers/red-hat/approve", 200, words)
    assert (done["state"], done["findings"]) == ("approved", [])


async def test_what_is_made_of_names_gives_way_to_an_approved_publisher_at_once(market: Market) -> None:
    await fallback(market)
    assert await location(market, "publisher:default/red-hat") == ADDRESS
    pat, rae = await market.person(PAT), await market.person(RAE)
    await pat.ask("POST", "/publishers", 201, {**RED_HAT, "url": "https://redhat.example.org"})
    await rae.ask("POST", "/publishers/red-hat/approve", 200, {"reason": "It is them."})
    await market.settled()
    found = await market.site.node.entity("publisher:default/red-hat")
    assert found["spec"]["url"] == "https://redhat.example.org"
    assert (await location(market, "publisher:default/red-hat")).startswith("marketplace-desk:")
    # It stays so while the catalog goes on changing.
    await market.site.give(listed("tekton"), listed("quay"), listed("tower", "awx", "AWX"))
    await until(market.site, lambda: "publisher:default/awx" in market.site.node.refs)
    await market.settled()
    assert (await location(market, "publisher:default/red-hat")).startswith("marketplace-desk:")
    assert not await market.site.node.catalog.problems()


async def test_a_name_that_a_source_describes_is_refused(market: Market) -> None:
    await market.site.give(entity("Publisher", "red-hat", title="Red Hat", type="verified-partner"))
    pat = await market.person(PAT)
    assert "comes from file:/shelf/test.yaml" in await pat.refused("POST", "/publishers", 409, RED_HAT)
    told = await pat.ask("POST", "/publishers", 201, {"name": "redhat", "title": "Red Hat Inc."})
    assert {one["code"] for one in told["findings"]} == {"name-taken", "title-taken"}


async def test_a_name_that_reads_like_an_approved_publishers_is_told_and_its_own_is_refused(
    market: Market,
) -> None:
    await market.publisher("tides-co")
    eve = await market.person(EVE)
    await eve.refused("POST", "/publishers", 409, {"name": "tides-co", "title": "Ours"})
    made = await eve.ask("POST", "/publishers", 201, {"name": "tidesc0", "title": "Tides-Co"})
    assert {one["code"] for one in made["findings"]} == {"name-taken", "title-taken"}
    assert (await eve.ask("POST", "/publishers", 201, {"name": "quays", "title": "Quays"}))["findings"] == []


async def test_an_approved_publisher_cannot_take_anothers_title_later(market: Market) -> None:
    await market.publisher("tides-co")
    eve = await market.publisher("eves", EVE)
    told = await eve.refused("PUT", "/publishers/eves", 409, {"title": "Tides-Co"})
    assert told.startswith("The title cannot be changed to this.")
    await eve.ask("PUT", "/publishers/eves", 200, {"title": "Eve's plugins"})


async def test_what_a_publisher_says_of_itself_links_no_inner_network(market: Market) -> None:
    pat = await market.person(PAT)
    bad = {"about": "[x](http://10.0.0.1/)", "contact": "http://10.0.0.1/", "url": "http://10.0.0.1/"}
    for field, value in bad.items():
        told = await pat.refused("POST", "/publishers", 400, {"name": "acme", "title": "Acme", field: value})
        assert told.startswith(field)
