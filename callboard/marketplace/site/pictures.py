"""Draws the picture that others show beside a link to a page (Open Graph): a title, a summary, who made it.

Drawn in shades of one byte and given colours at the end, which is several times faster than in colours.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 800, 420
STYLE = "1"
"""Changes whenever the drawing does, so that kept pictures are drawn anew."""
_EDGE, _INSIDE = 54, WIDTH - 108
_PAGE, _INK, _ACCENT = (247, 245, 242), (31, 26, 28), (147, 33, 63)
_SHADES = 8  # of ink, and as many of the accent: sixteen colours fit four bits


@dataclass(frozen=True, slots=True)
class Card:
    """What the picture says. Every text is cut to its room."""

    title: str
    summary: str
    by: str
    site: str

    @property
    def key(self) -> str:
        """The same for pictures that look the same."""
        words = "\0".join((STYLE, self.title, self.summary, self.by, self.site))
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]


def picture(card: Card) -> bytes:
    """A PNG of 800 by 420, which is as small as every place that shows such pictures takes."""
    image = _ground(card.site).copy()
    draw = ImageDraw.Draw(image)
    y = 100.0
    for row in _wrapped(card.title, 51, 2):
        draw.text((_EDGE, y), row, font=_font(51), fill=_SHADES - 1)
        y += 62
    y += 12
    for row in _wrapped(card.summary, 24, 3):
        draw.text((_EDGE, y), row, font=_font(24), fill=_SHADES - 2)
        y += 34
    foot = _wrapped(card.by, 22, 1)
    draw.text((_EDGE, HEIGHT - 70), foot[0] if foot else "", font=_font(22), fill=_SHADES - 2)
    image.putpalette(_palette())
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1, compress_type=zlib.Z_RLE, bits=4)
    return out.getvalue()


@lru_cache(8)
def _ground(site: str) -> Image.Image:
    """What is the same on every picture of a site. Not to be changed."""
    image = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(image)
    name = (_wrapped(site, 22, 1) or [""])[0]
    draw.text((WIDTH - _EDGE, HEIGHT - 70), name, font=_font(22), fill=_SHADES - 2, anchor="ra")
    draw.rectangle((0, 0, WIDTH, 12), fill=2 * _SHADES - 1)
    draw.rectangle((_EDGE, 64, _EDGE + 80, 71), fill=2 * _SHADES - 1)
    return image


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("this Pillow has no scalable font; install one with FreeType")
    # The simple layout is twice as fast, and the font has no letters that need the other.
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


@lru_cache(20_000)
def _length(text: str, size: int) -> float:
    """The width of a word; the same words come again and again."""
    return _font(size).getlength(text)


@cache
def _palette() -> list[int]:
    """From the page to the ink, then from the page to the accent."""
    colours: list[int] = []
    for end in (_INK, _ACCENT):
        for step in range(_SHADES):
            part = step / (_SHADES - 1)
            colours += [round(a + (b - a) * part) for a, b in zip(_PAGE, end, strict=True)]
    return colours


def _wrapped(text: str, size: int, most: int) -> list[str]:
    """At most so many rows that fit the width; the last ends with dots when words are left."""
    words = "".join(sign if sign.isprintable() else " " for sign in text[:400]).split()
    space = _length(" ", size)
    rows: list[str] = []
    while words and len(rows) < most:
        row = words.pop(0)
        while len(row) > 1 and _length(row, size) > _INSIDE:  # one word wider than the picture
            row = row[: max(1, int(len(row) * 0.9))]
        wide = _length(row, size)
        while words and (more := wide + space + _length(words[0], size)) <= _INSIDE:
            row, wide = f"{row} {words.pop(0)}", more
        rows.append(row)
    if words and rows:
        last = rows[-1]
        while last and _length(last + "…", size) > _INSIDE:
            last = last[:-1]
        rows[-1] = last + "…"
    return rows
