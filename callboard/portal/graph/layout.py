"""Lays a graph out in ranks: boxes for its nodes and routes for its arcs. Pure and deterministic.

Small graphs give long edges a lane of their own through the ranks they pass; a rank that would become too
long is wrapped into several columns, and edges then run behind the nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from typing import Literal, NamedTuple

from callboard.portal.graph.columns import align, grid, order
from callboard.portal.graph.ranks import Arcs, ranks

Orientation = Literal["LR", "RL", "TB", "BT"]

NODE_WIDTH, NODE_HEIGHT = 208.0, 48.0
_BETWEEN_RANKS = {"LR": 112.0, "TB": 84.0}
_BETWEEN_COLUMNS = 20.0
_BETWEEN_NODES = 16.0
_LANE = 10.0
_MARGIN = 32.0
_ASPECT = 1.6  # width to height that a wrapped picture aims at: that of a screen
_SHORTEST_WRAP = {"LR": 18, "TB": 7}  # ranks up to this length are never wrapped


class Point(NamedTuple):
    x: float
    y: float


class Box(NamedTuple):
    """A node's rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """The points an edge passes. `leaves` and `arrives` are 1 or -1: on which side of its ends along the main
    axis it lies, so that curves can leave and arrive at right angles."""

    points: tuple[Point, ...]
    leaves: int
    arrives: int

    def reversed(self) -> Route:
        return Route(self.points[::-1], self.arrives, self.leaves)


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by node and routes by arc.

    `horizontal`: ranks follow each other from side to side. `wrapped`: some ranks are several columns, and
    edges run behind nodes.
    """

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float
    horizontal: bool
    wrapped: bool


class _Span(NamedTuple):
    """Where a slot begins on the main axis, and its middle on the cross axis."""

    start: float
    middle: float


def lay_out(
    count: int,
    arcs: Arcs,
    roots: Iterable[int],
    orientation: Orientation = "LR",
    *,
    tallest: int | None = None,
) -> Layout:
    """Places `count` nodes and every arc between them; arcs point onward from the roots where they can.

    A rank of more than `tallest` nodes is wrapped; without it, one that is too long for a screen's shape.
    """
    axis = "LR" if orientation in ("LR", "RL") else "TB"
    main, cross = (NODE_WIDTH, NODE_HEIGHT) if axis == "LR" else (NODE_HEIGHT, NODE_WIDTH)
    rank_of = ranks(count, arcs, roots)
    rows = tallest or _rows(count, axis, main, cross)
    wraps = any(length > rows for length in Counter(rank_of).values())
    lanes = {} if wraps else _lanes(arcs, rank_of)
    slots, links = _slots(arcs, rank_of, lanes)
    size = [cross] * count + [_LANE] * (len(slots) - count)

    groups: list[list[int]] = [[] for _ in range(max(slots, default=-1) + 1)]
    for slot, rank in enumerate(slots):
        groups[rank].append(slot)
    order(groups, links, slots)
    middle = [0.0] * len(slots)
    columns: dict[int, int] = {}
    for group in groups:
        if wraps and len(group) > rows:
            columns |= grid(group, rows, cross + _BETWEEN_NODES, middle)
    align(
        [group for group in groups if group[0] not in columns],
        links,
        slots,
        size,
        _BETWEEN_NODES,
        middle=middle,
    )
    start = [0.0] * len(slots)
    at = 0.0
    for group in groups:
        for slot in group:
            start[slot] = at + columns.get(slot, 0) * (main + _BETWEEN_COLUMNS)
        at = max(start[slot] for slot in group) + main + _BETWEEN_RANKS[axis]

    spans = [_Span(*one) for one in zip(start, middle, strict=True)]
    routes = _routes(arcs, lanes, spans, main)
    return _turned(spans[:count], routes, orientation, (main, cross), wrapped=wraps)


def _rows(count: int, axis: str, main: float, cross: float) -> int:
    """How long a rank may become before it is wrapped."""
    aspect = 1 / _ASPECT if axis == "LR" else _ASPECT
    fair = sqrt(count * aspect * (main + _BETWEEN_COLUMNS) / (cross + _BETWEEN_NODES))
    return max(_SHORTEST_WRAP[axis], ceil(fair))


def _lanes(arcs: Arcs, rank_of: list[int]) -> dict[int, list[int]]:
    """For arcs that pass other ranks: the slots they take there, from source to target."""
    lanes: dict[int, list[int]] = {}
    slot = len(rank_of)
    for at, (source, target) in enumerate(arcs):
        between = abs(rank_of[source] - rank_of[target]) - 1
        if between > 0:
            lanes[at] = list(range(slot, slot + between))
            slot += between
    return lanes


def _slots(arcs: Arcs, rank_of: list[int], lanes: dict[int, list[int]]) -> tuple[list[int], list[list[int]]]:
    """The rank of every slot, nodes first, and the neighbours of every slot."""
    slots = list(rank_of)
    for at, lane in lanes.items():
        source, target = arcs[at]
        step = 1 if rank_of[source] < rank_of[target] else -1
        slots += [rank_of[source] + step * (passed + 1) for passed in range(len(lane))]
    links: list[list[int]] = [[] for _ in slots]
    for at, (source, target) in enumerate(arcs):
        chain = [source, *lanes.get(at, ()), target]
        for one, other in pairwise(chain):
            if one != other:
                links[one].append(other)
                links[other].append(one)
    return slots, links


def _routes(arcs: Arcs, lanes: dict[int, list[int]], spans: list[_Span], main: float) -> list[Route]:
    """Routes in (main, cross) coordinates. Arcs between the same two nodes run beside each other."""
    together = Counter(tuple(sorted(arc)) for arc in arcs)
    drawn: Counter[tuple[int, ...]] = Counter()
    routes = []
    for at, (source, target) in enumerate(arcs):
        pair = tuple(sorted((source, target)))
        shift = (drawn[pair] - (together[pair] - 1) / 2) * min(9.0, 24.0 / together[pair])
        drawn[pair] += 1
        one, other = spans[source], spans[target]
        if one.start + main <= other.start:
            leaves, arrives = 1, -1
        elif other.start + main <= one.start:
            leaves, arrives = -1, 1
        else:
            leaves = arrives = 1
        loop = 10.0 if source == target else 0.0
        points = [Point(one.start + main * (leaves > 0), one.middle + shift - loop)]
        for slot in lanes.get(at, ()):
            begin, end = spans[slot].start, spans[slot].start + main
            points += [Point(end if leaves < 0 else begin, spans[slot].middle)]
            points += [Point(begin if leaves < 0 else end, spans[slot].middle)]
        points.append(Point(other.start + main * (arrives > 0), other.middle + shift + loop))
        routes.append(Route(tuple(points), leaves, arrives))
    return routes


def _turned(
    spans: list[_Span],
    routes: list[Route],
    orientation: Orientation,
    size: tuple[float, float],
    *,
    wrapped: bool,
) -> Layout:
    """From (main, cross) to (x, y), mirrored where ranks run backwards, moved to begin at the margin."""
    main, cross = size
    extent = max((span.start + main for span in spans), default=0.0)
    sides = [span.middle - cross / 2 for span in spans]
    sides += [point.y - _LANE / 2 for route in routes for point in route.points]
    ends = [span.middle + cross / 2 for span in spans]
    ends += [point.y + _LANE / 2 for route in routes for point in route.points]
    low, high = min(sides, default=0.0), max(ends, default=0.0)
    mirrored = orientation in ("RL", "BT")
    horizontal = orientation in ("LR", "RL")

    def turned(point: Point) -> Point:
        along = _MARGIN + (extent - point.x if mirrored else point.x)
        across = _MARGIN + point.y - low
        return (
            Point(round(along, 1), round(across, 1))
            if horizontal
            else Point(round(across, 1), round(along, 1))
        )

    boxes = []
    for span in spans:
        corner = turned(Point(span.start + (main if mirrored else 0), span.middle - cross / 2))
        boxes.append(Box(corner.x, corner.y, NODE_WIDTH, NODE_HEIGHT))
    sign = -1 if mirrored else 1
    made = [
        Route(tuple(turned(point) for point in route.points), route.leaves * sign, route.arrives * sign)
        for route in routes
    ]
    along, across = round(extent + 2 * _MARGIN, 1), round(high - low + 2 * _MARGIN, 1)
    width, height = (along, across) if horizontal else (across, along)
    return Layout(tuple(boxes), tuple(made), width, height, horizontal, wrapped)
