"""Says in plain words what is wrong with a YAML document, and where.

Whatever a message quotes from the document stands between double quotes, so that readers of secrets can
strip it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from .errors import Path
from .yaml_marks import Node, Outline, find, outline, value_at
from .yaml_text import position
from .yaml_values import odd_key


class Finding(NamedTuple):
    """A mistake in one document; line and column count from 1 within its text."""

    message: str
    line: int = 1
    column: int = 1
    path: Path = ()


_PLACE = re.compile(r" at line (\d+) column (\d+)")
_HUGE = re.compile(r"invalid type: integer `(-?\d+)`")
_DUPLICATE = re.compile(r"duplicate entry with key (.+?)(?: at line \d+ column \d+)?\Z", re.DOTALL)
_FORBIDDEN = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

TOO_DEEP = "the document is nested too deeply (more than 128 levels)"
TOO_MANY_ALIASES = "the aliases of the document expand to too much content"
_TAB = "tabs cannot indent YAML; use spaces"
_NO_TAGS = "custom tags are not supported"

# What libyaml says, and what we say; "{}" is the character at that place.
_SYNTAX = {
    "mapping values are not allowed": 'a ":" is not allowed here; quote text that contains ": ", '
    "or check the indentation",
    "did not find expected key": "this line does not fit the mapping it stands in; check its indentation",
    "did not find expected '-' indicator": 'expected a list item ("- ") here; check the indentation',
    "block sequence entries are not allowed": 'a list item ("- ") cannot stand here; '
    "start the list on a new line",
    "block mapping entries are not allowed": "a mapping cannot start here; check the indentation",
    "mapping keys are not allowed": "a key cannot stand here; check the indentation",
    "could not find expected ':'": 'expected a ":" after this key; check the indentation and the quotes',
    "did not find expected ',' or ']'": 'expected "," or "]": the list that began with "[" is not closed',
    "did not find expected ',' or '}'": 'expected "," or "}": the mapping that began with "{" is not closed',
    "found unexpected end of stream": "the quoted text that begins here is never closed",
    "found a tab character": _TAB,
    "unknown anchor": 'the alias has no anchor ("&name") before it',
    "undefined tag handle": _NO_TAGS,
    "unknown escape character": "unknown escape in double-quoted text; "
    "double the backslash or use single quotes",
    "did not find expected hexadecimal": "an escape in double-quoted text is incomplete",
    "invalid Unicode character escape": "an escape in double-quoted text is not a valid character",
    "did not find expected comment or line break": 'the text of "|" or ">" must begin on the next line',
    "did not find expected node content": "a value is missing here",
    "did not find expected <document start>": "there is more content after the end of the value",
    "more than one document": "there is more content after the end of the value",
    "did not find expected alphabetic": 'a name must follow "&" or "*" here',
}
# Mistakes that are seen far from where they were made: there the start of the construct is shown.
_SHOWN_AT_START = ("found unexpected end of stream", "could not find expected ':'")


def explain(text: str, error: Exception) -> Finding:
    """What an error of the parser means."""
    raw = str(error)
    places = [(int(line), int(column)) for line, column in _PLACE.findall(raw)]
    first = places[0] if places else (1, 1)
    if isinstance(error, UnicodeError) or "control characters" in raw:
        return _forbidden_character(text)
    if "recursion limit" in raw:
        return _endless(outline(text)) or Finding(TOO_DEEP, *first)
    if "repetition limit" in raw:
        return Finding(TOO_MANY_ALIASES, *first)
    if huge := _HUGE.search(raw):
        return Finding(f'the number "{huge[1]}" is too large', *first)
    if duplicate := _DUPLICATE.search(raw):
        return _duplicate(outline(text), duplicate[1].strip('"'), first)
    if "unhashable" in raw:
        seen = outline(text)
        return _custom_tag(seen) or _complex_key(seen)
    return _syntax(text, raw, places)


def custom_tag(text: str) -> Finding | None:
    """The first custom tag of a document."""
    return _custom_tag(outline(text))


def key_not_text(text: str, value: Any) -> Finding:
    """The first key that YAML reads as a number, a truth value or null."""
    found = odd_key(value)
    if found is None:
        return Finding("a key is not text")
    path, rank, key = found
    words = {True: "true", False: "false", None: "null"}
    written = words[key] if key is None or isinstance(key, bool) else str(key)
    message = f'the key "{written}" is not text; put it in quotes'
    seen = outline(text)
    parent = value_at(seen.root, path) if seen.root else None
    if parent and parent.fields and rank < len(parent.fields):
        node = parent.fields[rank][0]
        return Finding(message, node.line, node.column, path)
    return Finding(message, path=path)


def nul_escape(text: str) -> Finding:
    """Text with a NUL character, written as an escape."""
    for node in outline(text).nodes:
        if node.text and "\0" in node.text:
            return Finding("text must not contain a NUL character", node.line, node.column)
    return Finding("text must not contain a NUL character")


def expansion(text: str, max_size: int) -> Finding | None:
    """Why the aliases of a document cannot be followed: too much text would result, or no end."""
    seen = outline(text)
    if seen.root and seen.root.size > max_size:
        return Finding(TOO_MANY_ALIASES, seen.root.line, seen.root.column)
    return _endless(seen)


def _endless(seen: Outline) -> Finding | None:
    node = seen.refers_to_itself
    return Finding("an alias stands inside its own anchor", node.line, node.column) if node else None


def _forbidden_character(text: str) -> Finding:
    match = _FORBIDDEN.search(text)
    if match is None:
        return Finding("control characters are not allowed")
    return Finding(f"the character U+{ord(match.group()):04X} is not allowed", *position(text, match.start()))


def _custom_tag(seen: Outline) -> Finding | None:
    for node in seen.nodes:
        if node.tag and not node.tag.startswith("tag:yaml.org,2002:"):
            return Finding(f'{_NO_TAGS}: "{node.tag}"', node.line, node.column)
    return None


def _complex_key(seen: Outline) -> Finding:
    for node in seen.nodes:
        for key, _ in node.fields or ():
            if key.text is None:
                return Finding(
                    "a key must be text, not a mapping or list; quote template braces", key.line, key.column
                )
    return Finding("a key must be text, not a mapping or list; quote template braces")


def _duplicate(seen: Outline, key: str, fallback: tuple[int, int]) -> Finding:
    best: tuple[Node, Node] | None = None
    for parent in seen.nodes:
        known: set[str | None] = set()
        for node, _ in parent.fields or ():
            if node.text in known and (best is None or node.text == key != best[0].text):
                best = node, parent
            known.add(node.text)
    name = best[0].text if best and best[0].text is not None else key
    message = f'the key "{name}" occurs twice'
    return Finding(message, best[0].line, best[0].column) if best else Finding(message, *fallback)


def _syntax(text: str, raw: str, places: list[tuple[int, int]]) -> Finding:
    line, column = places[0] if places else _place_of_syntax_error(text)
    if "cannot start any token" in raw:
        lines = text.split("\n")
        character = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
        if character == "\t":
            return Finding(_TAB, line, column)
        return Finding(f'"{character}" cannot begin a value; put the text in quotes', line, column)
    message = next((ours for theirs, ours in _SYNTAX.items() if theirs in raw), None)
    if "while parsing a flow node" in raw and line > text.rstrip().count("\n") + 1:
        return _unclosed(outline(text), (line, column))
    if message is None:
        theirs = _PLACE.split(raw.split(", while", maxsplit=1)[0])[0]
        return Finding(f"this is not valid YAML: {theirs}", line, column)
    ends_here = line > text.rstrip().count("\n") + 1
    shown_at_start = ends_here and "while parsing a flow" in raw
    if shown_at_start or any(start in raw for start in _SHOWN_AT_START):
        # The parser leaves out the place when it is the very start of the text.
        line, column = places[1] if len(places) > 1 else (1, 1)
    return Finding(message, line, column)


def _unclosed(seen: Outline, fallback: tuple[int, int]) -> Finding:
    """The innermost list or mapping that is still open where the text ends."""
    node = next((node for node in reversed(seen.nodes) if node.is_open), None)
    bracket = "[" if node and node.items is not None else "{"
    place = (node.line, node.column) if node else fallback
    return Finding(f'what began with "{bracket}" is not closed', *place)


def _place_of_syntax_error(text: str) -> tuple[int, int]:
    error = outline(text).error
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def at_path(text: str, path: Path) -> tuple[int, int] | None:
    """Line and column within `text` of a field, or of its nearest ancestor."""
    root = outline(text).root
    if root is None:
        return None
    node = find(root, path)
    return node.line, node.column
