"""Draws rows as lines and bars that tell by shape, place and number, so that no colour has to. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from callboard.insights.reports import MOST_KINDS, Report
from callboard.insights.source import Row

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 132, 14, 28
DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 3", "14 5")
"""How lines are broken, so that they can be told apart."""
LABEL = 14  # the least distance between two names at the ends of lines
BARS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """`points` as SVG writes them; the name stands at `label_y`, and the line ends at `end_x`, `end_y`."""

    name: str
    points: str
    dash: str
    end_x: float
    end_y: float
    label_y: float
    last: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a scale with its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """`told` is what the picture shows, in a sentence."""

    lines: tuple[Line, ...]
    scale: tuple[Mark, ...]
    days: tuple[Mark, ...]
    told: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` of the longest bar, from 0 to 100; `text` is the number as people read it."""

    name: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    bars: tuple[Bar, ...]
    told: str


def drawn(report: Report, rows: Sequence[Row]) -> Lines | Bars | None:
    """The picture of a report; None when there is nothing to draw."""
    if not rows:
        return None
    return _lines(report, rows) if report.chart == "lines" else _bars(report, rows)


def _lines(report: Report, rows: Sequence[Row]) -> Lines:
    series = _series(report, rows)
    days = sorted({day for values in series.values() for day in values})
    scaled = _scale(max(max(values.values()) for values in series.values()))
    top = scaled[-1]
    room, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    span = max((days[-1] - days[0]).days, 1)

    def x(day: date) -> float:
        return round(LEFT + room * (day - days[0]).days / span, 1) if len(days) > 1 else LEFT + room / 2

    def y(value: float) -> float:
        return round(TOP + high * (1 - value / top), 1)

    ends = {name: y(values[max(values)]) for name, values in series.items()}
    places = _apart(ends)
    lines = tuple(
        Line(
            name,
            " ".join(f"{x(day)},{y(values[day])}" for day in sorted(values)),
            DASHES[number % len(DASHES)],
            x(max(values)),
            ends[name],
            places[name],
            values[max(values)],
        )
        for number, (name, values) in enumerate(series.items())
    )
    scale = tuple(Mark(y(value), f"{value:,}") for value in scaled)
    every = max(1, -(-len(days) // 6))
    marks = tuple(Mark(x(day), day.strftime("%-d %b")) for day in days[::every])
    first = {name: values[min(values)] for name, values in series.items()}
    told = "; ".join(f"{one.name} from {first[one.name]:,} to {one.last:,}" for one in lines)
    return Lines(lines, scale, marks, f"{days[0]} to {days[-1]}: {told}.")


def _series(report: Report, rows: Sequence[Row]) -> dict[str, dict[date, int]]:
    """Numbers by day of each line, the highest last number first; lesser ones are put together."""
    if not report.split:
        titles = {one.name: one.title for one in report.columns}
        return {titles[name]: {row["day"]: row[name] for row in rows} for name in report.series}
    found: dict[str, dict[date, int]] = {}
    for row in rows:
        found.setdefault(row[report.split], {})[row["day"]] = row[report.series[0]]
    order = sorted(found, key=lambda name: (-found[name][max(found[name])], name))
    shown = {name: found[name] for name in order[:MOST_KINDS]}
    if len(order) > MOST_KINDS:
        shown.pop(order[MOST_KINDS - 1])
        rest: dict[date, int] = {}
        for name in order[MOST_KINDS - 1 :]:
            for day, number in found[name].items():
                rest[day] = rest.get(day, 0) + number
        shown["all others"] = rest
    return shown


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Heights of names near those of their lines, so that no two overlap and none leaves the picture."""
    places: dict[str, float] = {}
    last = float("-inf")
    for name in sorted(ends, key=lambda one: ends[one]):
        last = max(ends[name], last + LABEL)
        places[name] = last
    beyond = max(0.0, last - (HEIGHT - BOTTOM))
    return {name: round(place - beyond, 1) for name, place in places.items()}


def _bars(report: Report, rows: Sequence[Row]) -> Bars:
    name, number = report.columns[0].name, report.series[0]
    kind = next(one.type for one in report.columns if one.name == number)
    shown = rows[:BARS]
    top = 1.0 if kind == "percent" else max(1, *(row[number] for row in shown))
    bars = tuple(
        Bar(str(row[name]), round(100 * row[number] / top, 1), written(row[number], kind)) for row in shown
    )
    told = "; ".join(f"{one.name} {one.text}" for one in bars[:3])
    return Bars(bars, f"{told}{' and so on' if len(rows) > 3 else ''}.")


def written(value: object, kind: str) -> str:
    """A value as people read it."""
    if kind == "percent" and isinstance(value, int | float):
        return f"{value:.0%}"
    if kind == "number" and isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def _scale(most: float) -> range:
    """Round numbers from zero to the first that is not below `most`: at most five steps of 1, 2 or 5."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if most <= 5 * step:
                return range(0, step * max(1, math.ceil(most / step)) + 1, step)
        size *= 10
