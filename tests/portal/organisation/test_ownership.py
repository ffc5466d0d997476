from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from callboard.portal.organisation.ownership import by_kind, gathered, united
from callboard.portal.organisation.tree import grow
from tests.portal.organisation.models import Model, models

ROWS = st.sets(st.integers(0, 30), max_size=6)


@given(models(), st.data())
def test_a_group_gathers_what_it_and_all_below_it_hold_each_once(model: Model, data: st.DataObject) -> None:
    own = {group: data.draw(ROWS) for group in model.groups}
    bitmaps = {group: BitMap(rows) for group, rows in own.items()}
    found = gathered(grow(model.groups, model.pairs), bitmaps)
    for group in model.groups:
        assert set(found[group]) == {row for one in model.below(group) for row in own[one]}
        assert set(bitmaps[group]) == own[group]


@given(st.lists(ROWS))
def test_united_is_a_bitmap_of_its_own(parts: list[set[int]]) -> None:
    bitmaps = [BitMap(part) for part in parts]
    whole = united(bitmaps)
    assert set(whole) == set().union(*parts)
    whole.add(99)
    assert all(99 not in bitmap for bitmap in bitmaps)


def test_kinds_are_counted_the_commonest_first() -> None:
    kinds = [("API", BitMap([1])), ("Component", BitMap([2, 3])), ("User", BitMap([9]))]
    assert by_kind(BitMap([1, 2, 3]), kinds) == (("Component", 2), ("API", 1))
    assert by_kind(BitMap(), kinds) == ()
