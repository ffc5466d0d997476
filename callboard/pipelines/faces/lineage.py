"""The lineage as a picture: datasets in columns, each right of all that it is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callboard.pipelines.faces.datasets import Dataset, State

WIDTH, HEIGHT = 200, 34  # of a box
ACROSS, DOWN = 70, 12  # between boxes
MARGIN = 8


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    state: State


@dataclass(frozen=True, slots=True)
class Arrow:
    """`path` as SVG writes it."""

    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def picture(states: Sequence[State]) -> Picture:
    """Columns are as far from the left as a dataset has steps behind it."""
    by_name = {(one.layer, one.name): one for one in states}
    depths: dict[Dataset, int] = {}
    columns: dict[int, list[State]] = {}
    for one in states:
        columns.setdefault(_depth((one.layer, one.name), by_name, depths), []).append(one)
    places: dict[Dataset, tuple[float, float]] = {}
    boxes = []
    for depth in sorted(columns):
        # Near what they are made of, so that fewer arrows cross.
        ordered = sorted(columns[depth], key=lambda one: (_middle(one, places), one.layer, one.name))
        for number, one in enumerate(ordered):
            x = MARGIN + depth * (WIDTH + ACROSS)
            y = MARGIN + number * (HEIGHT + DOWN)
            places[one.layer, one.name] = x, y
            boxes.append(Box(x, y, one))
    arrows = [
        Arrow(_curve(places[source], places[one.layer, one.name]))
        for one in states
        for source in one.inputs
        if source in places
    ]
    most = max(len(one) for one in columns.values()) if columns else 0
    width = 2 * MARGIN + len(columns) * (WIDTH + ACROSS) - ACROSS
    return Picture(tuple(boxes), tuple(arrows), width, 2 * MARGIN + most * (HEIGHT + DOWN))


def _depth(dataset: Dataset, by_name: Mapping[Dataset, State], known: dict[Dataset, int]) -> int:
    if dataset not in known:
        behind = [one for one in by_name[dataset].inputs if one in by_name]
        known[dataset] = 1 + max((_depth(one, by_name, known) for one in behind), default=-1)
    return known[dataset]


def _middle(one: State, places: Mapping[Dataset, tuple[float, float]]) -> float:
    heights = [places[source][1] for source in one.inputs if source in places]
    return sum(heights) / len(heights) if heights else 0.0


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + WIDTH, start[1] + HEIGHT / 2
    x2, y2 = end[0], end[1] + HEIGHT / 2
    bend = (x2 - x1) / 2
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
