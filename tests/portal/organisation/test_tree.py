from __future__ import annotations

from itertools import pairwise

from hypothesis import given

from callboard.portal.organisation.tree import grow
from tests.portal.organisation.models import Model, models


@given(models())
def test_what_stands_below_a_group_is_what_walking_finds(model: Model) -> None:
    tree = grow(model.groups, model.pairs)
    for group in model.groups:
        assert tree.below(group) == model.below(group)
        assert tree.above([group]) == {one for one in model.groups if group in model.below(one)}


@given(models())
def test_every_group_is_reached_from_a_top_and_no_top_from_another(model: Model) -> None:
    tree = grow(model.groups, model.pairs)
    assert model.reached(tree.tops) == model.groups
    for top in tree.tops:
        assert top not in model.reached(other for other in tree.tops if other != top)


@given(models())
def test_circles_are_the_groups_above_themselves(model: Model) -> None:
    assert grow(model.groups, model.pairs).circles == model.circles()


@given(models())
def test_bottom_up_names_every_group_once_and_children_first(model: Model) -> None:
    tree = grow(model.groups, model.pairs)
    order = [one for together in tree.bottom_up for one in together]
    assert sorted(order) == sorted(model.groups)
    seen: set[int] = set()
    for together in tree.bottom_up:
        seen.update(together)
        assert all(model.children(one) <= seen for one in together)


@given(models())
def test_the_way_up_ends_and_each_step_is_a_parent(model: Model) -> None:
    tree = grow(model.groups, model.pairs)
    for group in model.groups:
        way = [*tree.way_up(group), group]
        assert len(set(way)) == len(way)
        for parent, child in pairwise(way):
            assert child in model.children(parent)
        if group not in model.circles() and not (tree.above([group]) & model.circles()):
            assert not tree.parents[way[0]]


def test_a_chain_of_many_groups_needs_no_recursion() -> None:
    tree = grow(range(20_000), ((one, one + 1) for one in range(19_999)))
    assert tree.tops == (0,)
    assert len(tree.way_up(19_999)) == 19_999


def test_a_large_circle_is_one_top() -> None:
    tree = grow(range(5_000), ((one, (one + 1) % 5_000) for one in range(5_000)))
    assert tree.tops == (0,)
    assert len(tree.circles) == 5_000
