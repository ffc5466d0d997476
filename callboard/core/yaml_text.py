"""From bytes to text that a YAML parser may see, and from a file to its documents; parses no YAML itself."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import Problem

# YAML 1.2 counts these as ordinary characters, our parsers (born for YAML 1.1) as line breaks: they travel
# as noncharacters, which Unicode reserves for such inner use.
_BREAKS_OF_YAML_1_1 = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_BACK = {stand_in: original for original, stand_in in _BREAKS_OF_YAML_1_1.items()}
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# Begins with the line feed, not with "^": the search for a character is several times faster.
_MARKER = re.compile(r"\n\ufeff?(?:---|\.\.\.)(?=[ \t\n]|\Z)")
_MARKER_AT_START = re.compile(r"(?:---|\.\.\.)(?=[ \t\n]|\Z)")
_DIRECTIVES = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n|%[^\n]*(?:\n|\Z))*")
_NO_CONTENT = re.compile(
    r"\ufeff?(?:---(?=[ \t\n]|\Z))?(?:[ \t]*(?:#[^\n]*)?\n)*(?:[ \t]*(?:#[^\n]*)?\Z)?[ \t]*"
)


class Segment(NamedTuple):
    """One document's text. `line` is the file's line on which it begins, `first` that of its content."""

    text: str
    line: int
    first: int


def to_text(content: bytes | str, source: str | None, max_bytes: int) -> str | Problem:
    """The file as text with plain line feeds, or why it cannot be read at all."""
    if len(content) > max_bytes:
        return _too_large(len(content), max_bytes, source)
    if isinstance(content, bytes):
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            if content.startswith(_UTF_16_MARKS):
                return Problem("the file is UTF-16; save it as UTF-8", (), 1, 1, source)
            return _bad_utf8(content, error.start, source)
    else:
        text = content
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.translate(_BREAKS_OF_YAML_1_1) if has_foreign_breaks(text) else text
    if "\0" in text:
        return Problem("the file contains a NUL character", (), *position(text, text.index("\0")), source)
    return text


def _too_large(size: int, limit: int, source: str | None) -> Problem:
    return Problem(f"the file is too large: {_size(size)}, at most {_size(limit)} are read", source=source)


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count} bytes"


def _bad_utf8(content: bytes, offset: int, source: str | None) -> Problem:
    before = content[:offset].decode()
    line, column = position(before.replace("\r\n", "\n").replace("\r", "\n"), None)
    return Problem(f"the file is not valid UTF-8 (byte {content[offset]:#04x})", (), line, column, source)


def has_foreign_breaks(text: str) -> bool:
    """True when `text` holds a character that only YAML 1.1 takes for a line break."""
    return "\u2028" in text or "\x85" in text or "\u2029" in text


def has_stand_ins(text: str) -> bool:
    """True when `to_text` put a stand-in for such a character."""
    return not text.isascii() and ("\ufdd0" in text or "\ufdd1" in text or "\ufdd2" in text)


def without_stand_ins(text: str) -> str:
    """The text as it was written."""
    return text.translate(_BACK)


def position(text: str, offset: int | None) -> tuple[int, int]:
    """Line and column, from 1, of an offset in `text` (its end for None)."""
    end = len(text) if offset is None else offset
    return text.count("\n", 0, end) + 1, end - (text.rfind("\n", 0, end) + 1) + 1


def split(text: str) -> list[Segment]:
    """The documents of a file, each on its own, so that a broken one cannot hide the others.

    `---` or `...` at the start of a line always ends a document: YAML allows neither inside any text.
    Documents without content are left out.
    """
    segments: list[Segment] = []
    begin, line, explicit = 0, 1, False
    if at_start := _MARKER_AT_START.match(text):
        explicit = text[0] == "-"
        begin = 0 if explicit else at_start.end()
    for marker in _MARKER.finditer(text):
        _add(segments, text, begin, marker.start() + 1, line, directives=not explicit)
        explicit = text[marker.end() - 1] == "-"
        # The "---" stays: what follows it on its line keeps its column.
        following = marker.end() - 3 if explicit else marker.end()
        line += text.count("\n", begin, following)
        begin = following
    _add(segments, text, begin, len(text), line, directives=not explicit)
    return segments


def _add(
    segments: list[Segment], text: str, begin: int, end: int, line: int, *, directives: bool = False
) -> None:
    if directives and text.find("%", begin, end) >= 0 and (head := _DIRECTIVES.match(text, begin, end)):
        line += head.group().count("\n")
        begin = head.end()
    part = text[begin:end] if begin or end < len(text) else text
    lead = _NO_CONTENT.match(part)
    length = lead.end() if lead else 0
    if length < len(part):
        segments.append(Segment(part, line, line + part.count("\n", 0, length)))
