"""Draws the picture that others show beside a link to a page (Open Graph): a title, a summary, who made it.

Drawn in shades of one byte and given colours at the end, which is several times faster than in colours.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 800, 420
STYLE = "2"
"""Changes whenever the drawing does, so that kept pictures are drawn anew."""
_EDGE, _INSIDE = 54, WIDTH - 108
_PAGE, _INK, _ACCENT = (247, 245, 242), (31, 26, 28), (147, 33, 63)
_BAND = 60  # rows; divides the height
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
    y = 100
    for row in _wrapped(card.title, 51, 2):
        _write(image, y, row, 51, _SHADES - 1)
        y += 62
    y += 12
    for row in _wrapped(card.summary, 24, 3):
        _write(image, y, row, 24, _SHADES - 2)
        y += 34
    for row in _wrapped(card.by, 22, 1):
        _write(image, HEIGHT - 70, row, 22, _SHADES - 2)
    return _png(image)


def _write(image: Image.Image, y: int, row: str, size: int, shade: int) -> None:
    """A row of words, each of which is drawn once and copied wherever it comes again."""
    x = float(_EDGE)
    for word in row.split(" "):
        drawn = _word(word, size, shade)
        image.paste(drawn, (round(x), y))
        x += _length(word, size) + _length(" ", size)


@lru_cache(8_000)
def _word(text: str, size: int, shade: int) -> Image.Image:
    """A word in shades on nothing. Not to be changed."""
    _, _, right, bottom = _font(size).getbbox(text)
    image = Image.new("L", (max(1, math.ceil(right)), max(1, math.ceil(bottom))), 0)
    ImageDraw.Draw(image).text((0, 0), text, font=_font(size), fill=shade)
    return image


def _png(image: Image.Image) -> bytes:
    """The picture with two dots a byte; Pillow's own encoder tries more and takes three times as long.

    In bands, because memory of more than 128 KB is asked from the system and given back each time.
    """
    packer = zlib.compressobj(1, zlib.DEFLATED, 12, 5, zlib.Z_RLE)
    packed = b""
    for top in range(0, HEIGHT, _BAND):
        band = image.crop((0, top, WIDTH, top + _BAND)).tobytes()
        pairs = np.frombuffer(band, dtype="<u2").reshape(_BAND, WIDTH // 2)
        rows = np.zeros((_BAND, WIDTH // 2 + 1), dtype=np.uint8)  # each begins with 0: it is not filtered
        rows[:, 1:] = (pairs << 4) | (
            pairs >> 8
        )  # the first dot of a pair comes first, so it is the low byte
        packed += packer.compress(rows.tobytes())
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 4, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", bytes(_palette())),
        (b"IDAT", packed + packer.flush()),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG file (W3C PNG 5.3): its length, name, content and checksum."""
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


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
