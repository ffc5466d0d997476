"""A view of the catalog is its URL."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.portal.catalog.state import MAX_VALUES, State, read_state
from tests.portal.catalog.made import states

NAMES = st.one_of(
    st.sampled_from(("limit", "offset", "sort", "columns", "all", "cursor", "filters", "filters[]")),
    st.from_regex(r"filters\[(kind|type|owners|tags|text|user|orphan|error|x)\](\[\d?\])?", fullmatch=True),
    st.text(max_size=8),
)


def read(query: str) -> State:
    return read_state(parse_qsl(query, keep_blank_values=True))


@settings(max_examples=200, deadline=None)
@given(states())
def test_what_is_written_is_read_again(state: State) -> None:
    assert read(state.query()) == state


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, st.one_of(st.text(max_size=20), st.integers().map(str)))))
def test_whatever_a_url_holds_means_something_and_stays_what_it_means(pairs: list[tuple[str, str]]) -> None:
    state = read_state(pairs)
    assert read(state.query()) == state


def test_nothing_means_components_sorted_by_name() -> None:
    assert read("") == State()
    assert State().url() == "/catalog"


@pytest.mark.parametrize(
    "query",
    [
        "filters[owners]=group:default/crew&filters[owners]=user:default/bo",
        "filters[owners][0]=group:default/crew&filters[owners][1]=user:default/bo",
        "filters[owners][]=crew&filters[owners][]=User:BO",
        "filters%5Bowners%5D%5B0%5D=group%3Adefault%2Fcrew&filters[owners]=user:default/bo",
    ],
)
def test_lists_are_read_however_they_are_written(query: str) -> None:
    assert read(query).chosen == {"owners": ("group:default/crew", "user:default/bo")}


def test_the_filters_of_a_backstage_link_are_understood() -> None:
    state = read(
        "filters[kind]=API&filters[user]=owned&filters[type]=openapi&filters[lifecycles]=Production"
        "&filters[tags][0]=java&filters[namespace]=sea&filters[orphan]=true&filters[error]=true"
        "&limit=50&offset=100&cursor=eyJh"
    )
    assert (state.kind, state.whose, state.orphan, state.failing) == ("api", "owned", True, True)
    assert (state.limit, state.offset) == (50, 100)
    assert state.chosen == {
        "type": ("openapi",),
        "lifecycles": ("production",),
        "tags": ("java",),
        "namespace": ("sea",),
    }


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=1e9",
        "limit=30",
        "offset=x",
        "offset=-5",
        "sort=description",
        "sort=--name",
        "columns=",
    ],
)
def test_what_makes_no_sense_is_left_out(query: str) -> None:
    assert read(query) == State()


def test_a_url_cannot_ask_for_endless_work() -> None:
    state = read("&".join(f"filters[tags]=t{number}" for number in range(MAX_VALUES * 3)))
    assert len(state.chosen["tags"]) == MAX_VALUES


def test_a_change_of_filters_begins_at_the_first_page() -> None:
    assert State(offset=40).but(kind="api").offset == 0


def test_one_value_can_be_dropped_and_all_can() -> None:
    state = State(chosen={"tags": ("go", "java")}, text="x", orphan=True, whose="starred")
    assert state.without("tags", "go").chosen == {"tags": ("java",)}
    assert state.without("tags").chosen == {}
    assert state.narrowed == 5
    assert state.cleared() == State()
