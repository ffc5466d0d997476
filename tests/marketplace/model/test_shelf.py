"""What the shelf answers, to whom, and for how long."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.catalog.query.conditions import Not, OneOf
from callboard.marketplace.asked import Browse, Sort
from tests.marketplace.model.shelves import Market, entity


def listing(name: str, **spec: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {key: spec.pop(key) for key in ("title", "tags") if key in spec}
    return entity("Listing", name, metadata, **spec)


@pytest.fixture
def market() -> Market:
    return Market(
        entity("Publisher", "harbour", {"title": "Harbour Works"}),
        listing(
            "tides", title="Tides", publisher="harbour", categories=["Water"], tags=["sea"], license="MIT"
        ),
        listing(
            "ropes", title="Ropes", publisher="harbour", categories=["Deck"], tags=["sea"], related=["tides"]
        ),
        listing("anchors", title="Anchors", categories=["Deck"], lifecycle="inactive"),
        listing("wrecks", title="Wrecks", categories=["Water"], lifecycle="archived"),
        listing("pirates", title="Pirates", takenDown={"reason": "It did harm."}),
        entity("Release", "tides-1", listing="tides", version="1.9.0", date="2026-01-05"),
        entity("Release", "tides-2", listing="tides", version="1.10.0", date="2026-02-05"),
        entity("Release", "tides-3", listing="tides", version="2.0.0-beta.1", date="2026-03-05"),
        entity(
            "Release",
            "ropes-1",
            listing="ropes",
            version="3",
            date="2026-04-05",
            yanked={"reason": "It frayed."},
        ),
    )


async def names(market: Market, **asked: Any) -> list[str]:
    return [one.listing.name for one in (await market.shelf.browse(Browse(**asked))).items]


async def test_what_nobody_looks_after_comes_last_and_what_was_taken_down_never(market: Market) -> None:
    assert await names(market) == ["ropes", "tides", "anchors"]
    assert await names(market, archived=True) == ["ropes", "tides", "anchors", "wrecks"]
    assert await names(market, lifecycle=("archived",)) == ["wrecks"]
    assert await market.shelf.listing("listing:default/pirates") is None


async def test_values_of_one_filter_are_alternatives_and_filters_add_up(market: Market) -> None:
    assert await names(market, category=("water", "Deck")) == ["ropes", "tides", "anchors"]
    assert await names(market, category=("Deck",), tag=("sea",)) == ["ropes"]
    assert await names(market, publisher=("harbour",), license=("mit",)) == ["tides"]


async def test_facets_count_what_choosing_them_would_give(market: Market) -> None:
    for asked in (Browse(), Browse(category=("Deck",)), Browse(tag=("sea",), publisher=("harbour",))):
        for facet in (await market.shelf.browse(asked)).facets:
            for value in facet.values:
                only = {name: getattr(asked, name) for name in ("category", "tag", "publisher")}
                chosen = await market.shelf.browse(Browse(**{**only, facet.name: (value.value,)}))
                assert chosen.total == value.count, (asked, facet.name, value)
    facets = {one.name: one for one in (await market.shelf.browse()).facets}
    assert [one.title for one in facets["publisher"].values] == ["Harbour Works"]


@pytest.mark.parametrize(
    ("sort", "first"), [("name", "ropes"), ("updated", "tides"), ("popular", "tides"), ("new", "ropes")]
)
async def test_each_order_puts_first_what_it_says(market: Market, sort: Sort, first: str) -> None:
    market.figures.downloads = {"listing:default/tides": 5, "listing:default/anchors": 900}
    market.figures.version = "2"
    assert (await names(market, sort=sort))[0] == first


async def test_what_has_no_day_comes_after_what_has_one(market: Market) -> None:
    market.put(entity("Release", "anchors-1", listing="anchors", version="1", date="2020-01-01"))
    assert await names(market, sort="updated") == ["tides", "anchors", "ropes"]
    assert list((await market.shelf.dated("updated", 9)).items()) == [
        ("listing:default/tides", "2026-03-05"),
        ("listing:default/anchors", "2020-01-01"),
    ]
    assert await market.shelf.dated("new", 9) == {}


async def test_days_that_figures_know_count_unless_they_are_made_up(market: Market) -> None:
    market.figures.released = {
        "listing:default/ropes": date(2026, 5, 1),
        "listing:default/tides": date(2027, 1, 1),
    }
    for version, made_up in (("2", False), ("3", True)):
        market.figures.version, market.figures.is_sample = version, made_up
        assert (await names(market, sort="updated"))[0] == "ropes"
        days = await market.shelf.dated("updated", 9)
        assert days.get("listing:default/ropes") == (None if made_up else "2026-05-01")
        assert days["listing:default/tides"] == "2026-03-05"  # as its own release says


async def test_an_order_of_which_nothing_is_known_is_not_offered(market: Market) -> None:
    assert await market.shelf.sorts() == {"name", "updated"}
    market.figures.downloads = {"listing:default/tides": 5}
    market.figures.version = "2"
    market.put(listing("nets", added="2026-01-01"))
    assert await market.shelf.sorts() == {"name", "updated", "popular", "new"}


async def test_listings_are_found_by_the_name_of_their_publisher(market: Market) -> None:
    for text in ("harbour", "Harbour Works", "work", "tid harb"):
        found = await names(market, text=text)
        assert "tides" in found, text
        assert "anchors" not in found, text
    assert set(await names(market, text="harbour")) == {"tides", "ropes"}
    market.put(listing("harbour", title="Harbour lights"))
    assert (await names(market, text="harbour"))[0] == "harbour"  # its own name weighs more
    market.put(entity("Publisher", "harbour", {"title": "Quay Works"}))
    assert "tides" in await names(market, text="quay")


async def test_who_may_not_see_a_publisher_finds_nothing_by_it(market: Market) -> None:
    hidden = market.shelves.of(market.queries.seen(Not(OneOf("kind", ("publisher",)))))
    assert (await hidden.browse(Browse(text="Works"))).total == 0


async def test_why_a_listing_was_taken_down_is_known(market: Market) -> None:
    assert await market.shelf.taken_down("Listing:default/Pirates") == "It did harm."
    assert await market.shelf.taken_down("listing:default/tides") is None
    assert await market.shelf.taken_down("listing:default/nowhere") is None


async def test_pages_hold_everything_once(market: Market) -> None:
    pages = [await market.shelf.browse(Browse(size=2, page=page)) for page in (1, 2, 3)]
    assert [one.page for one in pages] == [1, 2, 2]
    assert [len(one.items) for one in pages] == [2, 1, 1]
    assert pages[0].pages == 2


async def test_a_listing_knows_its_newest_release_that_is_no_beta(market: Market) -> None:
    detail = await market.shelf.listing("LISTING:default/Tides")
    assert detail is not None
    assert [one.version for one in detail.releases] == ["2.0.0-beta.1", "1.10.0", "1.9.0"]
    assert detail.latest is not None
    assert detail.latest.version == "1.10.0"
    assert detail.publisher is not None
    assert detail.publisher.title == "Harbour Works"
    yanked = await market.shelf.listing("listing:default/ropes")
    assert yanked is not None
    assert yanked.latest is None


async def test_related_are_those_it_names_then_those_nearest(market: Market) -> None:
    assert [one.listing.name for one in await market.shelf.related("listing:default/ropes")] == [
        "tides",
        "anchors",
    ]
    market.put(listing("nets", title="Nets", categories=["Deck"], tags=["sea"]))
    found = await market.shelf.related("listing:default/anchors", 1)
    assert [one.listing.name for one in found] == ["nets"]  # as near as Ropes, and before it by name
    assert await market.shelf.related("listing:default/nowhere") == ()


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("wxyz"))), min_size=2, max_size=9
    )
)
async def test_nobody_nearer_is_left_out(shelf: list[tuple[set[str], set[str]]]) -> None:
    market = Market(
        *(listing(f"n{at}", categories=sorted(one), tags=sorted(two)) for at, (one, two) in enumerate(shelf))
    )
    categories, tags = shelf[0]
    shared = {
        f"n{at}": 3 * len(one & categories) + 2 * len(two & tags) for at, (one, two) in enumerate(shelf) if at
    }
    expected = sorted((name for name in shared if shared[name]), key=lambda name: (-shared[name], name))[:3]
    assert [one.listing.name for one in await market.shelf.related("listing:default/n0", 3)] == expected


async def test_a_collection_holds_what_it_names_then_what_its_filter_chooses(market: Market) -> None:
    market.put(
        entity("PluginCollection", "sea", plugins=["ropes", "gone"], filter={"metadata": {"tags": "sea"}})
    )
    found = await market.shelf.collection("plugincollection:default/sea")
    assert found is not None
    assert [one.listing.name for one in found.listings] == ["ropes", "tides"]
    assert found.missing == ("listing:default/gone",)
    assert await names(market, collection=("sea",)) == ["ropes", "tides"]


async def test_the_day_of_a_listing_is_that_of_its_last_release_that_holds(market: Market) -> None:
    market.put(listing("ropes", title="Ropes", added="2025-07-01"))
    days = await market.shelf.updated()
    assert days == {"listing:default/tides": "2026-03-05", "listing:default/ropes": "2025-07-01"}


async def test_answers_change_with_the_shelf_and_the_figures_and_nothing_else(market: Market) -> None:
    before = market.shelf.tag
    market.put(entity("Component", "engine"), entity("User", "mate"))
    assert market.shelf.tag == before
    seen = {before}
    for change in (
        listing("buoys", title="Buoys"),
        entity("Release", "buoys-1", listing="buoys", version="1"),
        entity("Publisher", "harbour", {"title": "Harbour"}),
        entity("PluginCollection", "sea"),
    ):
        market.put(change)
        assert market.shelf.tag not in seen, change["kind"]
        seen.add(market.shelf.tag)
    market.index.remove("listing:default/buoys")
    assert market.shelf.tag not in seen
    market.figures.version = "2"
    assert market.shelf.tag not in seen
    assert await names(market) == ["ropes", "tides", "anchors"]


async def test_a_title_that_changes_is_shown_to_everyone_at_once(market: Market) -> None:
    others = market.shelves.of(market.queries.seen(Not(OneOf("metadata.name", ("anchors",)))))
    for shelf in (market.shelf, others):
        assert "Ropes" in [one.listing.title for one in (await shelf.browse()).items]
    market.put(listing("ropes", title="Strong ropes"))
    for shelf in (market.shelf, others):
        assert "Strong ropes" in [one.listing.title for one in (await shelf.browse()).items]


async def test_what_one_visitor_has_read_another_does_not_see(market: Market) -> None:
    assert "ropes" in await names(market)
    narrow = market.shelves.of(market.queries.seen(Not(OneOf("metadata.name", ("ropes",)))))
    assert [one.listing.name for one in (await narrow.browse()).items] == ["tides", "anchors"]
    assert await narrow.items(["listing:default/ropes"]) == ()
    assert await narrow.listing("listing:default/ropes") is None
    hidden = market.index.row("listing:default/ropes")
    assert hidden is not None
    assert hidden not in await narrow.near("listing:default/anchors", 5)
