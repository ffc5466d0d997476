from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from callboard.portal.searching.state import FILTERS, MAX_TERM, read_state

WORDS = st.text(min_size=1, max_size=20)
PAIRS = st.lists(st.tuples(st.sampled_from([*FILTERS, "types", "page", "term", "odd"]), WORDS), max_size=8)


@given(PAIRS)
def test_an_address_says_what_was_asked_for(pairs: list[tuple[str, str]]) -> None:
    state = read_state(pairs)
    again = read_state(parse_qsl(urlsplit(state.address(page=state.page)).query, keep_blank_values=True))
    assert again == state


def test_what_is_not_understood_is_left_out() -> None:
    state = read_state([("page", "-1"), ("page", "x"), ("colour", "red"), ("kind", ""), ("term", "a" * 500)])
    assert state.page == 0
    assert state.filters == {}
    assert len(state.term) == MAX_TERM
