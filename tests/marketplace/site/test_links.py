"""Every page has one address, on the live site and on the built one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callboard.marketplace.site.asked import Asked
from callboard.marketplace.site.links import Links, slug, slugs_of


def test_categories_whose_slugs_would_be_alike_get_different_ones() -> None:
    found = slugs_of(["CI/CD", "Security", "CI CD", "ci-cd"])
    assert found["security"] == "security"
    assert found["ci cd"] == "ci-cd"
    assert len(set(found.values())) == 4
    assert all(one.startswith("ci-cd") for name, one in found.items() if name != "security")


def test_slugs_do_not_depend_on_the_order_of_the_names() -> None:
    names = ["CI/CD", "CI CD", "ci-cd", "???", "!!!", "Cost"]
    assert slugs_of(names) == slugs_of(reversed(names))


@given(st.lists(st.text(max_size=12), max_size=12))
def test_no_two_names_share_a_slug(names: list[str]) -> None:
    found = slugs_of(names)
    assert set(found) == {name.lower() for name in names}
    assert len(set(found.values())) == len(found)
    assert all(one and one == slug(one) for one in found.values())


def test_the_built_list_of_a_category_stands_under_its_own_slug() -> None:
    links = Links(built=True, slugs=slugs_of(["CI/CD", "CI CD"]))
    first, second = (links.browse(Asked(chosen=(("category", one),))) for one in ("CI CD", "CI/CD"))
    assert first == "/marketplace/browse/category/ci-cd"
    assert second != first
    assert links.browse(Asked(chosen=(("category", "ci/cd"),), page=2)) == f"{second}/page/2"
