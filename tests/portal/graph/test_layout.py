"""Where nodes and edges of a picture lie."""

from __future__ import annotations

import sys
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.portal.graph.layout import Layout, Orientation, Point, lay_out
from callboard.portal.graph.ranks import ranks

GRAPHS = st.integers(1, 40).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=100),
        st.sets(st.integers(0, count - 1), max_size=3),
    )
)
ORIENTATIONS = st.sampled_from(get_args(Orientation))


@settings(max_examples=60, deadline=None)
@given(GRAPHS, ORIENTATIONS, st.sampled_from([None, 3]))
def test_no_nodes_overlap_and_every_edge_ends_at_its_nodes(
    graph: tuple[int, list[tuple[int, int]], set[int]], orientation: Orientation, tallest: int | None
) -> None:
    count, arcs, roots = graph
    layout = lay_out(count, arcs, roots, orientation, tallest=tallest)
    assert len(layout.boxes) == count
    assert layout == lay_out(count, arcs, roots, orientation, tallest=tallest)
    boxes = layout.boxes
    for at, one in enumerate(boxes):
        assert 0 <= one.x <= layout.width - one.width
        assert 0 <= one.y <= layout.height - one.height
        for other in boxes[:at]:
            apart_x = abs(one.x - other.x) >= one.width - 0.2  # coordinates are rounded
            assert apart_x or abs(one.y - other.y) >= one.height - 0.2
    for (source, target), route in zip(arcs, layout.routes, strict=True):
        assert on_border(layout, source, route.points[0])
        assert on_border(layout, target, route.points[-1])


def on_border(layout: Layout, node: int, point: Point) -> bool:
    box = layout.boxes[node]
    inside_x = box.x - 0.2 <= point.x <= box.x + box.width + 0.2
    inside_y = box.y - 0.2 <= point.y <= box.y + box.height + 0.2
    at_x = min(abs(point.x - box.x), abs(point.x - box.x - box.width))
    at_y = min(abs(point.y - box.y), abs(point.y - box.y - box.height))
    return inside_x and inside_y and (at_x if layout.horizontal else at_y) <= 0.2


def test_what_a_root_relies_on_comes_after_it_and_what_relies_on_it_before() -> None:
    assert ranks(3, [(0, 1), (2, 0)], [0]) == [1, 2, 0]


def test_an_arc_between_ranks_of_the_same_walk_is_repaired() -> None:
    found = ranks(4, [(0, 1), (0, 2), (1, 2), (2, 3)], [0])
    assert found == [0, 1, 2, 3]


def test_a_long_edge_takes_a_lane_past_the_nodes_between() -> None:
    layout = lay_out(3, [(0, 1), (1, 2), (0, 2)], [0])
    lane = layout.routes[2].points[1]
    between = layout.boxes[1]
    assert not between.y <= lane.y <= between.y + between.height


@pytest.mark.parametrize(("orientation", "grows"), [("LR", "x"), ("RL", "-x"), ("TB", "y"), ("BT", "-y")])
def test_ranks_follow_each_other_in_the_wanted_direction(orientation: Orientation, grows: str) -> None:
    first, second = lay_out(2, [(0, 1)], [0], orientation).boxes
    sign = -1 if grows.startswith("-") else 1
    assert (getattr(second, grows[-1]) - getattr(first, grows[-1])) * sign > 0


def test_a_rank_of_thousands_becomes_columns_of_a_screens_shape() -> None:
    layout = lay_out(2000, [(0, at) for at in range(1, 2000)], [0])
    assert 1 < layout.width / layout.height < 3


def test_four_times_the_nodes_take_about_four_times_the_steps() -> None:
    def steps(count: int) -> int:
        random = Random(1)
        arcs = [(at, random.randrange(max(0, at - 300), at)) for at in range(1, count)]
        arcs += [(random.randrange(count), random.randrange(count)) for _ in range(2 * count)]
        called = 0

        def one_more(*_: object) -> None:
            nonlocal called
            called += 1

        sys.setprofile(one_more)  # calls are counted, because a clock also tells what else the machine does
        try:
            lay_out(count, arcs, [0])
        finally:
            sys.setprofile(None)
        return called

    assert steps(2000) < 6 * steps(500)
