"""One name of a path against one part of a pattern: `*` is any text, `?` any character, neither a slash.

The text between the stars is looked for from the left, each piece once: the leftmost place of a piece is
always as good as a later one, so nothing is tried twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Characters = list[str | None]
"""None stands for `?`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two stars: text, or an expression of fixed length where a `?` is in it."""

    text: str
    length: int
    expression: re.Pattern[str] | None = None

    @classmethod
    def of(cls, characters: Characters) -> Piece:
        text = "".join(one for one in characters if one is not None)
        if None not in characters:
            return cls(text, len(text))
        expression = "".join("." if one is None else re.escape(one) for one in characters)
        return cls(text, len(characters), re.compile(expression, re.S))

    def at(self, name: str, start: int) -> bool:
        """Whether it stands at this place."""
        if start < 0:
            return False
        if self.expression is None:
            return name.startswith(self.text, start)
        return self.expression.match(name, start) is not None

    def find(self, name: str, start: int) -> int:
        """Its first place from `start`, or -1."""
        if self.expression is None:
            return name.find(self.text, start)
        found = self.expression.search(name, start)
        return found.start() if found else -1


@dataclass(frozen=True, slots=True)
class Name:
    """The pieces between the stars, so that one piece alone is a name without a star."""

    pieces: tuple[Piece, ...]

    def matches(self, name: str) -> bool:
        first, *others = self.pieces
        if not first.at(name, 0):
            return False
        if not others:
            return first.length == len(name)
        *middle, last = others
        reached = first.length
        for piece in middle:
            place = piece.find(name, reached)
            if place < 0:
                return False
            reached = place + piece.length
        end = len(name) - last.length
        return end >= reached and last.at(name, end)


def name_of(text: str) -> Name:
    """From one part of a pattern; a backslash keeps the character after it as it is."""
    pieces: list[Piece] = []
    piece: Characters = []
    characters = iter(text)
    for one in characters:
        if one == "*":
            if piece or not pieces:  # several stars are as good as one
                pieces.append(Piece.of(piece))
            piece = []
        else:
            piece.append(next(characters, "\\") if one == "\\" else None if one == "?" else one)
    return Name((*pieces, Piece.of(piece)))
