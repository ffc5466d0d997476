"""Reads YAML 1.2 files into JSON values, document by document, with the place of every mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import ryaml

from .errors import Path, Problem
from .yaml_plain import may_misread_numbers, with_core_numbers
from .yaml_problems import (
    TOO_DEEP,
    Finding,
    at_path,
    custom_tag,
    expansion,
    explain,
    key_not_text,
    nul_escape,
)
from .yaml_text import Segment, has_stand_ins, position, split, to_text
from .yaml_values import NotJsonError, has_nul, may_be_tagged, tidy, with_text_restored

MAX_BYTES = 10 * 2**20

_ANCHOR = re.compile(r"&[\w-]")
_ALIAS = re.compile(r"\*[\w-]")
_BRACKET = re.compile(r"[\[\]{}]")
_NUL_ESCAPE = re.compile(r"\\(?:0|x00|u0000|U00000000)")
# The parser's time grows with the square of the open brackets; it refuses 128 levels, but only at the end.
_MAX_OPEN_BRACKETS = 2000


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its first line with content (from 1), and its value or its problem."""

    line: int
    value: Any | None  # Any: a JSON value of any shape
    problem: Problem | None = None


def read_documents(content: bytes | str, source: str | None, *, max_bytes: int = MAX_BYTES) -> list[Document]:
    """Every document of a file in order; a broken one has a problem and leaves the others whole.

    Documents that are empty or null are left out. Keys are text; numbers are those JavaScript would print.
    A file that cannot be read at all (too large, not UTF-8, NUL) is one document with a problem.
    """
    text = to_text(content, source, max_bytes)
    if isinstance(text, Problem):
        return [Document(text.line or 1, None, text)]
    documents = []
    for segment in split(text):
        value = _parse(segment.text, max_bytes)
        if isinstance(value, Finding):
            problem = _problem(value, segment, source)
            documents.append(Document(segment.first, None, problem))
        elif value is not None:
            documents.append(Document(segment.first, value))
    return documents


def locate(content: bytes | str, document_line: int, path: Path) -> tuple[int, int] | None:
    """Line and column in the file of a field of the document that has `document_line` as its line.

    A field is shown at its key, an item where it begins, an absent one at its nearest ancestor. None when
    there is no such document.
    """
    text = to_text(content, None, max(len(content), 1))
    if isinstance(text, Problem):
        return None
    for segment in reversed(split(text)):
        if segment.line <= document_line:
            place = at_path(segment.text, path)
            return (place[0] + segment.line - 1, place[1]) if place else None
    return None


def _parse(text: str, max_size: int) -> Any:
    """The value of one document, or a Finding."""
    refused = _refused(text, max_size)
    if refused:
        return refused
    try:
        parsed = ryaml.loads(text)  # type: ignore[attr-defined]  # its stubs forget to export it
    except ValueError as error:
        return explain(text, error)
    if "!" in text and may_be_tagged(parsed) and (tagged := custom_tag(text)):
        return tagged
    if may_misread_numbers(text):
        parsed = with_core_numbers(text, parsed)
    try:
        value = tidy(parsed)
    except NotJsonError:
        return key_not_text(text, parsed)
    if "\\" in text and _NUL_ESCAPE.search(text) and has_nul(value):
        return nul_escape(text)
    return with_text_restored(value) if has_stand_ins(text) else value


def _refused(text: str, max_size: int) -> Finding | None:
    """What would cost too much to parse, found before it is parsed."""
    if text.count("[") + text.count("{") > _MAX_OPEN_BRACKETS and _opens_too_many(text):
        first = _BRACKET.search(text)
        return Finding(TOO_DEEP, *position(text, first.start() if first else 0))
    if "*" not in text or "&" not in text or not _ANCHOR.search(text):
        return None
    # Each alias at most doubles what there is; only when that could be too much, we count exactly.
    aliases = len(_ALIAS.findall(text))
    if aliases == 0 or (aliases < 64 and len(text) << aliases <= max_size):
        return None
    return expansion(text, max_size)


def _opens_too_many(text: str) -> bool:
    # Brackets in quoted text count too: whoever leaves thousands of them open there is refused as well.
    open_now = 0
    for match in _BRACKET.finditer(text):
        if match.group() in "[{":
            open_now += 1
            if open_now > _MAX_OPEN_BRACKETS:
                return True
        elif open_now:
            open_now -= 1
    return False


def _problem(finding: Finding, segment: Segment, source: str | None) -> Problem:
    line = segment.line + finding.line - 1
    return Problem(finding.message, finding.path, line, finding.column, source)
