"""Cuts the text of a .proto file into tokens, and keeps the comments, which are its documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callboard.core.errors import Problem

MAX_TOKENS = 100_000
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f\v\ufeff]+) | (?P<line>\n)
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<number>\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.])*)
  | (?P<word>\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<mark>[{}()\[\]<>=;,:.+\-/])
    """,
    re.VERBOSE | re.DOTALL,
)
_MARGIN = re.compile(r"^[ \t]*\*?[ ]?", re.MULTILINE)
_ESCAPE = re.compile(r"""\\(["'\\?])""")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is word, number, text, mark or end; `before` is the comment that leads to it."""

    kind: str
    text: str
    line: int
    column: int
    before: str = ""


class ProtoSyntaxError(Exception):
    """The text is not protobuf from here on; `problem` says where."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.problem = Problem(message, (), token.line, token.column)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens, the last of which is the end; `trailing` maps lines to the comment that ends them."""

    tokens: list[Token]
    trailing: dict[int, str]
    problem: Problem | None = None


def tokenize(source: str) -> Tokens:
    """Every token up to the end, or up to the first character that cannot be one."""
    tokens: list[Token] = []
    trailing: dict[int, str] = {}
    comments: list[str] = []
    line, start, position, last_line, blank = 1, 0, 0, 0, False
    problem = None
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None or len(tokens) >= MAX_TOKENS:
            message = "the file is too long to be shown whole" if match else _unknown(source, position)
            problem = Problem(message, (), line, position - start + 1)
            break
        kind, value = match.lastgroup, match.group()
        if kind == "line":
            # An empty line parts a comment from what follows: it then describes the file, not the next thing.
            if blank:
                comments.clear()
            blank = True
            line, start = line + 1, match.end()
        elif kind == "comment":
            ends_line = source[match.end() : match.end() + 200].lstrip(" \t\r")[:1] in ("\n", "")
            if line == last_line and ends_line and not comments:
                trailing[line] = _words(value)
            else:
                comments.append(_words(value))
            blank = False
            if breaks := value.count("\n"):
                line, start = line + breaks, position + value.rindex("\n") + 1
        elif kind != "space":
            tokens.append(Token(kind or "", value, line, position - start + 1, "\n".join(comments)))
            comments.clear()
            last_line, blank = line, False
        position = match.end()
    tokens.append(Token("end", "", line, position - start + 1))
    return Tokens(tokens, trailing, problem)


def unquoted(literal: str) -> str:
    """The text of a string literal, with the escapes of quotes and backslashes undone."""
    return _ESCAPE.sub(r"\1", literal[1:-1])


def _unknown(source: str, position: int) -> str:
    character = source[position]
    if character in "\"'":
        return "this text is not closed"
    if source.startswith("/*", position):
        return "this comment is not closed"
    return f"the character {character!r} cannot stand here"


def _words(comment: str) -> str:
    if comment.startswith("//"):
        return comment.lstrip("/").strip()
    return _MARGIN.sub("", comment[2:-2].strip("*")).strip()
