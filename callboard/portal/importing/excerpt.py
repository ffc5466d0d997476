"""The lines of a text around a mistake, with the place marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AROUND = 1
WIDEST = 160
_WORD = re.compile(r"\S+|\s")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, cut into what stands before the mistake, the mistake, and the rest. Only one is `marked`."""

    number: int
    before: str
    wrong: str = ""
    after: str = ""
    marked: bool = False


def excerpt(lines: list[str], problem: Mapping[str, Any]) -> list[Line]:
    """The line that a problem names and its neighbours; empty when it names none of this text."""
    number = problem.get("line")
    if not isinstance(number, int) or not 1 <= number <= len(lines):
        return []
    column = problem.get("column")
    first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
    return [
        _marked(lines[at - 1], at, column if isinstance(column, int) else 1)
        if at == number
        else Line(at, _short(lines[at - 1]))
        for at in range(first, last + 1)
    ]


def _marked(text: str, number: int, column: int) -> Line:
    start = min(max(column, 1) - 1, len(text))
    found = _WORD.match(text, start)
    end = found.end() if found else start
    before = text[:start]
    if start > WIDEST // 2:  # a mistake far to the right must not be cut off
        before = f"…{text[start - WIDEST // 2 + 1 : start]}"
    wrong = text[start:end][:WIDEST]
    return Line(number, before, wrong, _short(text[end:]), marked=True)


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
