from __future__ import annotations

from tests.catalog.nodes import component, entity
from tests.portal.site import Site

HOSTILE = "<script>alert(1)</script>"


async def test_results_are_marked_filtered_and_counted(site: Site) -> None:
    shops = [component(f"shop-{number}", owner="crew") for number in range(25)]
    await site.give(*shops, entity("Group", "shopkeepers", type="team", children=[]))
    text = await site.page("/search?term=shop")
    assert "26 results" in text
    assert "<mark>shop</mark>" in text
    assert "1 to 20 of 26" in text
    assert 'rel="next"' in text
    second = await site.page("/search?term=shop&page=1")
    assert "21 to 26 of 26" in second
    groups = await site.page("/search?term=shop&kind=Group")
    assert "1 result" in groups
    assert "shopkeepers" in groups


async def test_a_misspelt_word_leads_to_the_right_one(site: Site) -> None:
    await site.give(component("telescope"))
    text = await site.page("/search?term=telesocpe")
    assert "/catalog/default/component/telescope" in text or "Did you mean" in text


async def test_nothing_found_says_what_to_do(site: Site) -> None:
    await site.give(component("shop"))
    text = await site.page("/search?term=zzzzzz&kind=Component")
    assert "Nothing matches" in text
    assert "Drop the filters" in text


async def test_hostile_texts_stay_texts(site: Site) -> None:
    shop = component("shop")
    shop["metadata"] |= {"title": HOSTILE, "description": f"a shop {HOSTILE}"}
    await site.give(shop)
    for path in (
        "/search?term=shop",
        "/search?term=script",
        "/search/suggest?term=shop",
        f"/search?term={HOSTILE}",
    ):
        assert "<script>alert" not in await site.page(path)


async def test_the_palette_offers_what_was_visited_and_where_to_go(site: Site) -> None:
    await site.give(component("shop"))
    text = await site.page("/search/suggest?term=")
    assert 'role="option"' in text
    text = await site.page("/search/suggest?term=sho")
    assert 'data-ref="component:default/shop"' in text
    assert 'data-path="/catalog/default/component/shop"' in text
    assert "<html" not in text


async def test_a_part_of_the_page_is_given_to_htmx(site: Site) -> None:
    await site.give(component("shop"))
    text = await site.page("/search?term=shop", hx_request="true")
    assert "<html" not in text
    assert "1 result" in text
