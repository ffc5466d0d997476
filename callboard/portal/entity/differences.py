"""Changes between versions, short enough to be read: long texts show only the lines that differ. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from callboard.catalog.difference import Change
from callboard.web.shapes import text

LONG = 160  # characters; a longer text is compared line by line
CUT = 300  # characters shown of any other value
MOST_LINES = 400  # of the part that differs; the comparison's time grows with their square
SHOWN_LINES = 60
SHOWN_CHANGES = 100

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class TextChange:
    """Lines of a long text: each with its sign (`+`, `-` or a space); `hidden` lines more differ."""

    path: str
    kind: Kind
    lines: tuple[tuple[str, str], ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a version changed: values side by side, texts by line, and how many changes are left out."""

    values: tuple[Change, ...]
    texts: tuple[TextChange, ...]
    hidden: int


def shown(changes: Iterable[Change]) -> Shown:
    """At most `SHOWN_CHANGES` of the changes, none of them longer than a screen."""
    every = list(changes)
    values: list[Change] = []
    texts: list[TextChange] = []
    for change in every[:SHOWN_CHANGES]:
        before, after = text(change.before), text(change.after)
        if "\n" in before + after and len(before) + len(after) > LONG:
            texts.append(_lines(change, before, after))
        else:
            values.append(Change(change.path, change.kind, _cut(change.before), _cut(change.after)))
    return Shown(tuple(values), tuple(texts), max(len(every) - SHOWN_CHANGES, 0))


def _lines(change: Change, before: str, after: str) -> TextChange:
    old, new = before.splitlines(), after.splitlines()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > MOST_LINES:
        found = [*(("-", line) for line in old), *(("+", line) for line in new)]
    else:
        found = [(line[0], line[2:]) for line in difflib.ndiff(old, new) if line[0] in "+- "]
    lines = tuple((sign, line[:CUT]) for sign, line in found[:SHOWN_LINES])
    return TextChange(change.path, change.kind, lines, max(len(found) - SHOWN_LINES, 0))


def _cut(value: Any) -> Any:
    """A value short enough for a cell; JSON, hence Any."""
    if isinstance(value, str) and len(value) > CUT:
        return value[:CUT] + " …"
    if isinstance(value, list | dict) and len(value) > SHOWN_LINES:
        return f"… {len(value)} values"
    return value
