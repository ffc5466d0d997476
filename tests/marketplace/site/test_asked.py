"""What a visitor asks of the list: read from URLs and written to them again."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from callboard.marketplace.site.asked import MAX_PAGE, Asked
from callboard.marketplace.site.content import content
from callboard.marketplace.site.links import Links


@given(
    st.lists(
        st.tuples(st.sampled_from(["q", "category", "tag", "sort", "page", "x"]), st.text(max_size=20)),
        max_size=8,
    )
)
def test_what_is_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    asked = Asked.read(pairs)
    assert Asked.read(parse_qsl(asked.query.removeprefix("?"))) == asked
    assert 1 <= asked.page <= MAX_PAGE


def test_a_value_that_is_chosen_twice_is_not_chosen() -> None:
    asked = Asked().at(4).toggled("category", "CI/CD")
    assert (asked.values("category"), asked.page) == (("CI/CD",), 1)
    assert asked.toggled("category", "CI/CD") == Asked()


def test_nonsense_is_left_aside() -> None:
    assert Asked.read([("sort", "money"), ("page", "-3"), ("page", "99999999"), ("evil", "1")]) == Asked()
    assert Asked.read([("sort", "relevance")]).order == "popular"


def test_the_built_site_has_a_path_for_each_list() -> None:
    links = Links(built=True)
    assert (
        links.browse(Asked(chosen=(("category", "CI/CD"),), page=2))
        == "/marketplace/browse/category/ci-cd/page/2"
    )
    assert links.browse(Asked(sort="new")) == "/marketplace/browse/by/new"
    assert links.browse(Asked(sort="popular")) == "/marketplace/browse"


def test_each_chapter_has_a_check_whose_answer_is_one_of_those_given() -> None:
    for course in content().courses:
        for chapter in course.chapters:
            assert chapter.minutes >= 1
            assert chapter.questions, chapter.slug
            assert all(0 <= one.right < len(one.answers) for one in chapter.questions)
