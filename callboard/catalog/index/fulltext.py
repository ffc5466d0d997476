"""Finds the values of one field that match an SQL `LIKE`, by scanning all of them laid end to end.

Values are UTF-8 and divided by byte 0xFF, which UTF-8 never uses, so a value may hold any character. One
pass of C code over a megabyte of names takes well under a millisecond, and any substring can be found.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from callboard.catalog.index.postings import EMPTY, Field, as_bitmap

_DIVIDER = b"\xff"
_CACHED = 512
_MANY = 500
_WHOLE = 3
"""How many bytes of a needle are compared with the whole text before only what fits is looked at."""
_SHARED, _UNUSED = -1, -2

Places = NDArray[np.int64]

Segment = str | re.Pattern[str]


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def like_segments(pattern: str) -> list[Segment]:
    """The pieces of a LIKE pattern between its `%`, which must be found one behind the other.

    `_` stands for any one character, and a backslash takes the meaning from the character behind it. A piece
    with `_` becomes an expression of fixed width: no pattern a client sends can make matching explode.
    """
    pieces: list[list[tuple[str, bool]]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            pieces.append([])
        elif character == "_":
            pieces[-1].append((".", True))
        else:
            pieces[-1].append((next(characters, "\\") if character == "\\" else character, False))
    segments: list[Segment] = []
    for piece in filter(None, pieces):
        if any(wild for _, wild in piece):
            text = "".join(part if wild else re.escape(part) for part, wild in piece)
            segments.append(re.compile(text, re.DOTALL))
        else:
            segments.append("".join(part for part, _ in piece))
    return segments


def like(value: str, segments: list[Segment]) -> bool:
    """Whether a value contains the segments in their order; leftmost matches suffice, nothing backtracks."""
    at = 0
    for segment in segments:
        if isinstance(segment, str):
            begin = value.find(segment, at)
            if begin < 0:
                return False
            at = begin + len(segment)
        else:
            match = segment.search(value, at)
            if match is None:
                return False
            at = match.end()
    return True


class Haystack:
    """The lower-cased distinct values of a field, searchable as one byte string.

    Values are only appended; one that no entity has any more is found and then has no rows. The owner builds
    a new haystack when `stale` says that too many such values lie about.
    """

    def __init__(self, field: Field) -> None:
        self._field = field
        self._places: dict[str, int] = {}
        self._values: list[str] = []
        self._starts = array("Q")
        self._rows = array("q")  # by place: the row of a value that one entity has, else _SHARED or _UNUSED
        self._text = bytearray(_DIVIDER)
        self._found: OrderedDict[tuple[bool, str], BitMap] = OrderedDict()  # by "begins with", and the text
        self._dropped = 0
        self._note(value for value, _ in field.items())

    def changed(self, values: Iterable[str], lost: int) -> None:
        """To be told of every value that an entity of the field gained or lost, after the fact.

        `lost` counts the values that no entity has any more.
        """
        self._found.clear()
        self._dropped += lost
        self._note(values)

    def _note(self, values: Iterable[str]) -> None:
        for value in values:
            low = value.lower()
            rows = self._field.like(low)
            row = _UNUSED if rows is None else rows if isinstance(rows, int) else _SHARED
            place = self._places.get(low)
            if place is not None:
                self._rows[place] = row
                continue
            self._places[low] = len(self._values)
            self._values.append(low)
            self._rows.append(row)
            self._starts.append(len(self._text))
            self._text += _encode(low) + _DIVIDER

    @property
    def stale(self) -> bool:
        return self._dropped > 1000 and self._dropped * 2 > len(self._values)

    def contains(self, pattern: str) -> BitMap:
        """The rows with a value LIKE '%pattern%'; the pattern is lower-cased. Not to be changed."""
        asked = (False, pattern)
        if asked not in self._found:
            self._keep(asked, self._matching(like_segments(pattern)))
        return self._found[asked]

    def begins(self, prefix: str) -> BitMap:
        """The rows with a value that begins with the lower-cased prefix. Not to be changed."""
        asked = (True, prefix)
        if asked not in self._found:
            self._keep(asked, self._search(_DIVIDER + _encode(prefix)))
        return self._found[asked]

    def _keep(self, asked: tuple[bool, str], places: Places) -> None:
        self._found[asked] = self._rows_at(places)
        if len(self._found) > _CACHED:
            self._found.popitem(last=False)

    def _matching(self, segments: list[Segment]) -> Places:
        plain = max((segment for segment in segments if isinstance(segment, str)), key=len, default="")
        candidates = self._search(_encode(plain))
        if len(segments) == 1 and plain:
            return candidates
        values = self._values
        fitting = [place for place in candidates.tolist() if like(values[place], segments)]
        return np.array(fitting, dtype=np.int64)

    def _search(self, needle: bytes) -> Places:
        """The places of the values in which some bytes occur."""
        if needle in (b"", _DIVIDER):
            return np.arange(len(self._values), dtype=np.int64)
        text = self._text
        found: list[int] = []
        at = text.find(needle)
        while at >= 0 and len(found) <= _MANY:
            found.append(at)
            # At most one hit a value is of interest.
            at = text.find(needle, text.index(_DIVIDER, at + len(needle)))
        if at < 0:
            hits = np.array(found, dtype=np.int64)
        else:
            hits = _all_hits(np.frombuffer(text, dtype=np.uint8), needle)
        starts = np.frombuffer(self._starts, dtype=np.uint64)
        within = hits + needle.startswith(_DIVIDER)
        places: Places = np.searchsorted(starts, within.astype(np.uint64), side="right") - 1
        first = np.diff(places, prepend=-1) != 0  # hits ascend, so equal places are neighbours
        distinct: Places = places[first]
        return distinct

    def _rows_at(self, places: Places) -> BitMap:
        if not len(places):
            return EMPTY
        rows = np.frombuffer(self._rows, dtype=np.int64)[places]
        single = array("I")
        single.frombytes(np.sort(rows[rows >= 0]).astype(np.uint32).tobytes())
        shared = (as_bitmap(self._field.like(self._values[at])) for at in places[rows == _SHARED].tolist())
        return BitMap.union(BitMap(single), *shared)


def _all_hits(text: NDArray[np.uint8], needle: bytes) -> Places:
    """Every position of a needle that is expected to have many, byte by byte but for all at once."""
    end = len(text) - len(needle) + 1
    fits = text[:end] == needle[0]
    whole = needle[1:_WHOLE]
    for at, byte in enumerate(whole, 1):
        fits &= text[at : end + at] == byte
    hits = np.flatnonzero(fits)
    for at in range(1 + len(whole), len(needle)):
        hits = hits[text[hits + at] == needle[at]]
    return hits
