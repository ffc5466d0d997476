"""Markdown that strangers wrote, as HTML that can do no harm and fits below a page's own headings. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from callboard.web.templating import SAFE_SCHEMES

MOST = 200_000
"""Characters of one text; what is longer is cut, since a page must end."""
MAX_NESTING = 20
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}  # a picture elsewhere would tell who reads
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": MAX_NESTING}).enable(
    ["table", "strikethrough"]
)
# Marks that turn the direction of what follows them, by which one text could pose as another.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")

_CODE = re.compile(r"`+([^`]+)`+")


def prose(text: str, below: int = 2) -> Markup:
    """CommonMark as HTML with an allow-list of tags; raw HTML in it stays text, pictures become their words.

    Its headings begin one level under `below` and never skip one, whatever the author wrote.
    """
    if not text.strip():
        return Markup()
    tokens = _MARKDOWN.parse(text[:MOST])
    _levels(tokens, below)
    _pictures(tokens)
    clean = nh3.clean(
        _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "pre": {"tabindex"}},
        url_schemes=SAFE_SCHEMES,
        link_rel="noopener nofollow ugc",
    )
    # What scrolls sideways must be reachable by keyboard.
    return Markup(clean.replace("<pre>", '<pre tabindex="0">'))  # noqa: S704 - nh3 has just cleaned it


def line(text: str, most: int = 300) -> str:
    """A text of one line: without breaks and without marks that turn its direction, cut after `most`."""
    one = " ".join((text if text.isascii() else _TURNING.sub("", text)).split())
    return one if len(one) <= most else one[: most - 1].rstrip() + "…"


def said(text: str, most: int = 300) -> str:
    """The same without the marks of code, which stand raw in many summaries: they are no Markdown."""
    return line(_CODE.sub(r"\1", text) if "`" in text else text, most)


def plain(text: str, most: int = 155) -> str:
    """The first words of a Markdown text, for descriptions of pages."""
    words: list[str] = []
    for token in _MARKDOWN.parse(text[:4000]):
        if token.type == "inline" and token.children:
            words += [child.content for child in token.children if child.type in ("text", "code_inline")]
            words.append(" ")
    return line("".join(words), most)


def minutes(text: str) -> int:
    """How long a text takes to read, at 200 words a minute; at least one minute."""
    return max(1, round(len(text.split()) / 200))


def _levels(tokens: Sequence[Token], below: int) -> None:
    """Each heading at most one level deeper than the one before it."""
    open_levels: list[int] = []
    now = below
    for token in tokens:
        if token.type == "heading_open":
            wrote = int(token.tag[1])
            while open_levels and open_levels[-1] >= wrote:
                open_levels.pop()
            open_levels.append(wrote)
            now = min(6, below + len(open_levels))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{now}"


def _pictures(tokens: Sequence[Token]) -> None:
    """A picture stands as its alternative text."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.type, child.tag, child.content = "text", "", child.content or "picture"
                child.children = None
