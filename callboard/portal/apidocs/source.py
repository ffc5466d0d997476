"""Shows a definition as text with numbered lines: types without a viewer, and the raw view."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LINES = 5_000
MAX_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Source:
    """The first lines of a text of `total` lines; `is_cut` when lines, or ends of lines, are left out."""

    lines: tuple[str, ...]
    total: int
    is_cut: bool


def read_source(text: str) -> Source:
    """The lines as editors number them. A page stays small however large the definition is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    shown = tuple(line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…" for line in lines[:MAX_LINES])
    return Source(shown, len(lines), len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines))
