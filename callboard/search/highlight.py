"""Marks in a document's texts what a question found there, as segments of plain text.

Nothing here is HTML: templates escape each segment, and Backstage's clients split at the tags they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from callboard.search.documents import Document
from callboard.search.ranking import Question
from callboard.search.words import Span, distance, spans, typos

EXCERPT = 240  # letters of the text that are shown
_LEAD = 60
_LOOKED_AT = 20_000


class Segment(NamedTuple):
    """A piece of text, and whether it is what was looked for."""

    text: str
    marked: bool


def highlights(document: Document, question: Question) -> dict[str, tuple[Segment, ...]]:
    """The segments of `title`, and of an excerpt of `text`; a field in which nothing was found is absent."""
    asked = [word.text for word in question.words]
    asked += [part for word in question.words for part in word.parts]
    asked += [word for phrase in question.phrases for word in phrase]
    if not asked:
        return {}
    found = {}
    if marks := _marks(document.title, asked):
        found["title"] = _segments(document.title, marks)
    if marks := _marks(document.text[:_LOOKED_AT], asked):
        found["text"] = excerpt(document.text[:_LOOKED_AT], marks)
    return found


def tagged(segments: Sequence[Segment], before: str, after: str) -> str:
    """The segments as one text, with tags around what is marked."""
    return "".join(f"{before}{text}{after}" if marked else text for text, marked in segments)


def excerpt(text: str, marks: Sequence[tuple[int, int]]) -> tuple[Segment, ...]:
    """The part of a text around the first mark."""
    if len(text) <= EXCERPT:
        return _segments(text, marks)
    start = max(0, marks[0][0] - _LEAD)
    if start:
        space = text.find(" ", start, marks[0][0])
        start = start if space < 0 else space + 1
    end = min(len(text), max(start + EXCERPT, marks[0][1]))
    inside = [(max(one, start) - start, min(other, end) - start) for one, other in marks if one < end]
    segments = list(_segments(text[start:end], inside))
    if start:
        segments.insert(0, Segment("…", False))
    if end < len(text):
        segments.append(Segment("…", False))
    return tuple(segments)


def _segments(text: str, marks: Sequence[tuple[int, int]]) -> tuple[Segment, ...]:
    segments, at = [], 0
    for start, end in marks:
        if start > at:
            segments.append(Segment(text[at:start], False))
        segments.append(Segment(text[start:end], True))
        at = end
    if at < len(text):
        segments.append(Segment(text[at:], False))
    return tuple(segments)


def _marks(text: str, asked: Sequence[str]) -> list[tuple[int, int]]:
    """Where words stand that begin as asked; when there are none, words that are close to it."""
    found = list(spans(text))
    marks = _where(found, lambda word: any(word.startswith(one) for one in asked))
    if marks:
        return marks
    forgiving = [(one, allowed) for one in asked if (allowed := typos(one))]
    return _where(found, lambda word: any(_close(one, word, allowed) for one, allowed in forgiving))


def _where(found: Sequence[list[Span]], wanted: Callable[[str], bool]) -> list[tuple[int, int]]:
    """The places of the wanted words; of compounds only the wanted parts, when there are such."""
    marks = []
    for whole, *parts in found:
        some = [(part.start, part.end) for part in parts if wanted(part.word)]
        if 0 < len(some) < len(parts):
            marks += some
        elif some or wanted(whole.word):
            marks.append((whole.start, whole.end))
    return marks


def _close(asked: str, word: str, allowed: int) -> bool:
    if distance(asked, word, allowed) <= allowed:
        return True
    return len(word) > len(asked) and distance(asked, word[: len(asked)], 1) <= 1
