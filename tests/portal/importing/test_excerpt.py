from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callboard.portal.importing.excerpt import WIDEST, excerpt

LINES = ["kind: Component", "metadata:", "  name: a b", "spec:"]


def test_the_line_of_a_mistake_stands_between_its_neighbours_with_the_word_marked() -> None:
    before, wrong, after = excerpt(LINES, {"line": 3, "column": 9})
    assert (before.number, before.before, before.marked) == (2, "metadata:", False)
    assert (wrong.before, wrong.wrong, wrong.after, wrong.marked) == ("  name: ", "a", " b", True)
    assert after.before == "spec:"


def test_a_mistake_at_the_end_of_a_line_marks_nothing_of_it() -> None:
    (_, wrong) = excerpt(LINES, {"line": 4, "column": 99})
    assert (wrong.before, wrong.wrong) == ("spec:", "")


def test_a_mistake_far_to_the_right_is_still_seen() -> None:
    (line,) = excerpt(["x" * 1000 + " wrong"], {"line": 1, "column": 1002})
    assert line.wrong == "wrong"
    assert len(line.before) <= WIDEST


@given(st.lists(st.text(), max_size=4), st.none() | st.integers(), st.none() | st.integers())
def test_any_place_in_any_text_has_an_excerpt_or_none(
    lines: list[str], line: int | None, column: int | None
) -> None:
    found = excerpt(lines, {"line": line, "column": column})
    assert sum(one.marked for one in found) == (1 if found else 0)
    assert bool(found) == (line is not None and 1 <= line <= len(lines))
