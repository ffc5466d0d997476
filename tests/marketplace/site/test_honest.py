"""Pages say what they know: made-up numbers are called that, orders what they are, feeds hold dated news."""

from __future__ import annotations

import re
from datetime import date

import orjson
import pytest
from jinja2 import Environment

from callboard.marketplace.site import comparing, makers, writing
from callboard.marketplace.site.asked import Asked
from callboard.marketplace.site.build.build import TEMPLATES
from callboard.marketplace.site.content import content
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.made import Made, Site
from callboard.marketplace.site.service import rendered
from callboard.marketplace.site.shop import FEWER_VALUES, REST, Shop
from callboard.web.assets import Assets
from callboard.web.contributions import Templates
from callboard.web.templating import environment
from tests.marketplace.model.shelves import Market, entity

NOTE = "sample numbers, made up for demonstration"


@pytest.fixture
def market() -> Market:
    return Market(
        entity("Publisher", "harbour", {"title": "Harbour Works"}),
        entity("Listing", "tides", {"title": "Tides"}, publisher="harbour", added="2026-04-01"),
        entity("Listing", "ropes", {"title": "Ropes"}, publisher="harbour"),
        entity("Listing", "anchors", {"title": "Anchors"}),
        entity("Release", "tides-1", listing="tides", version="1.0", date="2026-05-01"),
        entity("Release", "ropes-1", listing="ropes", version="2.0"),
        entity("PluginCollection", "afloat", plugins=["tides"]),
    )


def shop_of(market: Market) -> Shop:
    return Shop(market.shelf, market.index, content(), Links("https://m.example"), "Market", date(2026, 6, 1))


def sampled(market: Market, *, made_up: bool) -> Shop:
    market.figures.downloads = {"listing:default/tides": 1200}
    market.figures.version, market.figures.is_sample = f"sample {made_up}", made_up
    return shop_of(market)


@pytest.fixture(scope="module")
def templates() -> Environment:
    return environment([Templates("market", TEMPLATES)], Assets())


def html(templates: Environment, made: Made) -> str:
    return rendered(templates, made, Site("Market", Links("https://m.example")))


async def every(shop: Shop) -> dict[str, Made]:
    return {
        "home": await makers.home(shop),
        "browse": await makers.browse(shop, Asked()),
        "listing": await makers.listing(shop, "listing:default/tides"),
        "publisher": await makers.publisher(shop, "publisher:default/harbour"),
        "collection": await makers.collection(shop, "plugincollection:default/afloat"),
        "compare": await comparing.compare(shop, ["listing:default/tides", "listing:default/ropes"]),
    }


async def test_every_page_with_made_up_numbers_says_so_and_no_other(
    market: Market, templates: Environment
) -> None:
    for name, made in (await every(sampled(market, made_up=True))).items():
        assert re.search(NOTE, html(templates, made), re.IGNORECASE), name
    for name, made in (await every(sampled(market, made_up=False))).items():
        assert not re.search(NOTE, html(templates, made), re.IGNORECASE), name
    alone = await comparing.compare(sampled(market, made_up=True), ["listing:default/ropes"])
    assert not alone.context["sample"]  # nothing of it was measured


async def test_a_badge_of_a_made_up_number_says_so_wherever_it_is_put(market: Market) -> None:
    for made_up in (True, False):
        shop = sampled(market, made_up=made_up)
        made = await writing.badge_of(shop, "listing:default/tides", "downloads")
        assert made is not None
        assert (b"sample downloads: 1.2k/month" in made.body) == made_up
        unknown = await writing.badge_of(shop, "listing:default/ropes", "downloads")
        assert unknown is not None
        assert b"sample" not in unknown.body


async def test_without_figures_the_order_is_called_what_it_is(market: Market) -> None:
    sorts = (await makers.browse(shop_of(market), Asked())).context["sorts"]
    assert [(name, current) for name, _, _, current in sorts] == [
        ("new", False),
        ("updated", False),
        ("name", True),
    ]
    chosen = (await makers.browse(shop_of(market), Asked(sort="popular"))).context["sorts"]
    assert [name for name, _, _, current in chosen if current] == ["name"]
    measured = (await makers.browse(sampled(market, made_up=False), Asked())).context["sorts"]
    assert [name for name, _, _, current in measured if current] == ["popular"]
    found = (await makers.browse(shop_of(market), Asked(term="tide"))).context["sorts"]
    assert [name for name, _, _, current in found if current] == ["relevance"]


@pytest.mark.parametrize(("which", "titles"), [("updated", ["Tides 1.0"]), ("new", ["Tides"])])
async def test_feeds_hold_only_what_has_a_day(market: Market, which: str, titles: list[str]) -> None:
    made = await writing.feed(shop_of(market), "new" if which == "new" else "updated", "json")
    items = orjson.loads(made.body)["items"]
    assert [one["title"] for one in items] == titles
    assert all(not one["date_modified"].startswith("1970") for one in items)


async def test_a_day_that_was_measured_is_news_and_one_that_was_made_up_is_not(market: Market) -> None:
    market.figures.released = {"listing:default/ropes": date(2026, 5, 20)}
    for version, made_up in (("2", False), ("3", True)):
        market.figures.version, market.figures.is_sample = version, made_up
        items = orjson.loads((await writing.feed(shop_of(market), "updated", "json")).body)["items"]
        news = [(one["title"], one["date_modified"][:10]) for one in items]
        assert (("Ropes 2.0", "2026-05-20") in news) != made_up


async def test_the_rest_of_a_facet_is_opened_and_every_value_of_it_leads_somewhere(
    market: Market, templates: Environment
) -> None:
    market.put(
        *(
            entity(
                "Listing", f"boat-{at}", {"tags": [f"tag-{at:03}", "boat"]}, type="plugin", lifecycle="active"
            )
            for at in range(REST + 20)
        )
    )
    shop = shop_of(market)
    asked = Asked(chosen=(("lifecycle", "active"), ("type", "plugin")), sort="name")
    made = await makers.browse(shop, asked)
    (tags,) = [one for one in made.context["found"].facets if one.name == "tag"]
    assert (len(tags.choices), len(tags.rest), tags.more) == (FEWER_VALUES, REST, 15)
    for one in (*tags.choices, *tags.rest):
        assert one.path == shop.links.browse(asked.toggled("tag", one.value))
    page = html(templates, made)
    assert re.search(rf"<details class=\"facet-rest\"><summary>and {REST + 15} more", page)
    assert "Another 15 are found by the search." in page


async def test_tags_of_a_listing_lead_to_what_has_them(market: Market, templates: Environment) -> None:
    market.put(entity("Listing", "nets", {"title": "Nets", "tags": ["ci & cd"]}))
    page = html(templates, await makers.listing(shop_of(market), "listing:default/nets"))
    assert '<a class="tag" href="/marketplace/browse?tag=ci+%26+cd">ci &amp; cd</a>' in page
    found = await makers.browse(shop_of(market), Asked(chosen=(("tag", "ci & cd"),)))
    assert [card.title for card in found.context["found"].cards] == ["Nets"]


async def test_what_is_stored_of_releases_is_shown_and_empty_columns_are_not(
    market: Market, templates: Environment
) -> None:
    market.put(
        entity("Listing", "nets", packages=[{"ecosystem": "npm", "name": "@a/nets"}]),
        entity(
            "Release",
            "nets-1",
            listing="nets",
            version="1",
            role="backend-plugin",
            package={"ecosystem": "npm", "name": "@a/nets"},
            artefact={"url": "oci://ghcr.io/a/nets:1"},
            configExamples=[{"title": "Default configuration", "content": {"nets": {"mesh": 3}}}],
        ),
    )
    page = html(templates, await makers.listing(shop_of(market), "listing:default/nets"))
    assert '<code class="address">oci://ghcr.io/a/nets:1</code>' in page
    assert 'href="oci:' not in page
    assert "Default configuration" in page
    assert "nets:\n  mesh: 3" in page
    heads = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert heads == ["Version", "Part", "File"]
    tides = html(templates, await makers.listing(shop_of(market), "listing:default/tides"))
    assert re.findall(r'<th scope="col">([^<]+)</th>', tides) == ["Version", "Published"]


async def test_why_a_listing_is_deprecated_stands_beside_its_successor(
    market: Market, templates: Environment
) -> None:
    market.put(
        entity(
            "Listing",
            "nets",
            lifecycle="deprecated",
            deprecated={"reason": "Fish <b>left</b>."},
            replacedBy="tides",
        )
    )
    page = html(templates, await makers.listing(shop_of(market), "listing:default/nets"))
    assert "Fish &lt;b&gt;left&lt;/b&gt;." in page
    assert "This listing has a successor:" in page


async def test_in_the_portal_pages_lead_to_what_the_public_site_has_in_its_frame(
    templates: Environment, market: Market
) -> None:
    part = templates.from_string(
        '{% import "market/parts/cards.html" as market with context %}{{ market.further() }}'
    )
    inside = part.render(site=Site("Market", Links(), public=False))
    for path in (
        "blog",
        "faq",
        "terms",
        "about",
        "learn",
        "partners",
        "feeds/new.atom",
        "feeds/updated.atom",
    ):
        assert f'href="/marketplace/{path}"' in inside, path
    assert not part.render(site=Site("Market", Links())).strip()
