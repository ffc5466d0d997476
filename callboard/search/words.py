"""What counts as a word: one answer for indexing, for asking and for marking what was found.

`payment-gateway_v2` is payment, gateway, v2; `PaymentGateway` is paymentgateway and also payment, gateway.
Case and accents do not matter. Scripts written without spaces are taken character by character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST = 64  # letters of a word that are looked at
_MOST_HUMPS = 6  # more of them is a checksum, not a name
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_HUMP = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+|[^A-Za-z0-9]+")


class Span(NamedTuple):
    """A word and where it stands; `word` is folded."""

    start: int
    end: int
    word: str


def fold(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def words(text: str) -> list[str]:
    """Every word as it is indexed: words that are compounds are followed by their parts."""
    found: list[str] = []
    for word in _WORD.findall(text):
        found += _forms(word)
    return found


@lru_cache(maxsize=32768)
def _forms(word: str) -> tuple[str, ...]:
    folded = "".join(_WORD.findall(fold(word)))[:LONGEST]
    parts = humps(word)
    return (folded, *(fold(part)[:LONGEST] for part in parts)) if len(parts) > 1 else (folded,)


def humps(word: str) -> list[str]:
    """The parts of `PaymentGateway`, `HTTPServer` or `s3Bucket`; a plain word is its only part."""
    if word.islower() and not _digit_inside(word):
        return [word]
    parts = _HUMP.findall(word) if word.isascii() else [word]
    return parts if len(parts) <= _MOST_HUMPS else [word]


def _digit_inside(word: str) -> bool:
    return not word.isalpha() and not word.rstrip("0123456789").isalpha()


def asked_words(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The words of a question, each with the parts of a compound (none for a plain word)."""
    forms = [_forms(word) for word in _WORD.findall(text)]
    return [(one[0], one[1:]) for one in forms if one[0]]


def squash(text: str) -> str:
    """The text as one word, by which `payment gateway` equals `Payment-Gateway`."""
    return "".join(_WORD.findall(fold(text)))[: 2 * LONGEST]


def spans(text: str) -> Iterator[list[Span]]:
    """Each word with its place, followed by its parts with theirs."""
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        found = [Span(start, match.end(), _forms(word)[0])]
        parts = humps(word)
        if len(parts) > 1:
            for part in parts:
                found.append(Span(start, start + len(part), fold(part)))
                start += len(part)
        yield found


def typos(word: str) -> int:
    """How many wrong letters are forgiven in a word."""
    return 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0


def distance(first: str, second: str, limit: int) -> int:
    """Letters added, lost, replaced or swapped with their neighbour; `limit` + 1 when it is more."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, 1):
        earlier, before, row = before, row, [at]
        for column, other in enumerate(second, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != other))
            if at > 1 and column > 1 and letter == second[column - 2] and first[at - 2] == other:
                cost = min(cost, earlier[column - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
