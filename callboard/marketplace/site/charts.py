"""Draws weekly downloads as bars whose heights and numbers tell everything, so no colour has to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 8, 56, 12, 26
MOST = 53


@dataclass(frozen=True, slots=True)
class Bar:
    """In the picture's own units. `label` is said below the bar, where there is room for it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the scale with its number."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`told` is what the picture shows, in a sentence."""

    bars: tuple[Bar, ...]
    scale: tuple[Line, ...]
    total: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


def chart(weeks: Sequence[tuple[date, int]]) -> Chart | None:
    """The last year of weeks; None when there is nothing to draw."""
    shown = list(weeks)[-MOST:]
    if not shown or not any(count for _, count in shown):
        return None
    top = _round_up(max(count for _, count in shown))
    room = WIDTH - LEFT - RIGHT
    step = room / len(shown)
    high = HEIGHT - TOP - BOTTOM
    every = max(1, -(-len(shown) // 6))
    bars = []
    for place, (day, count) in enumerate(shown):
        tall = max(high * max(count, 0) / top, 1.0 if count else 0.0)
        bars.append(
            Bar(
                x=round(LEFT + place * step + step * 0.1, 2),
                y=round(TOP + high - tall, 2),
                width=round(step * 0.8, 2),
                height=round(tall, 2),
                label=day.strftime("%-d %b") if place % every == 0 else "",
                day=day,
                count=count,
            )
        )
    scale = tuple(Line(round(TOP + high * (1 - part), 2), short(round(top * part))) for part in (0.5, 1.0))
    return Chart(tuple(bars), scale, sum(count for _, count in shown))


def short(count: int | None) -> str:
    """A number as it stands on a card: 950, 1.2k, 34k, 5.6M."""
    if count is None:
        return ""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            part = count / size
            return f"{part:.1f}".removesuffix(".0") + unit if part < 10 else f"{part:.0f}{unit}"
    return str(count)


def _round_up(number: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …"""
    power = 1
    while True:
        for first in (1, 2, 5):
            if number <= first * power:
                return first * power
        power *= 10
