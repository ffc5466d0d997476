"""Draws the badges that people put into READMEs: an SVG of a label and a value. Pure."""

from __future__ import annotations

from typing import Literal
from xml.sax.saxutils import escape, quoteattr

Tone = Literal["good", "warn", "bad", "note", "plain"]
BADGES = ("version", "health", "downloads", "verified")
_TONES: dict[Tone, str] = {
    "good": "#1c6b40",
    "warn": "#7d4e00",
    "bad": "#a31b1b",
    "note": "#1d5a86",
    "plain": "#5b5255",
}
_NARROW, _WIDE = frozenset("ijlt.,:;'|!I()[]f "), frozenset("mwMW@%—")
MOST = 40


def badge(label: str, value: str, tone: Tone = "note") -> bytes:
    """The picture, which says in words what it shows. Both texts are escaped and cut."""
    left, right = _fit(label), _fit(value)
    first, second = _width(left) + 12, _width(right) + 12
    whole = first + second
    said = quoteattr(f"{left}: {right}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label={said}>'
        f"<title>{escape(f'{left}: {right}')}</title>"
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="4"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{first}" height="20" fill="#2f2a2d"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{_TONES[tone]}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{first / 2:g}" y="14" textLength="{first - 12}">{escape(left)}</text>'
        f'<text x="{first + second / 2:g}" y="14" textLength="{second - 12}">{escape(right)}</text></g></svg>'
    ).encode("utf-8", "replace")


def health_tone(score: int) -> Tone:
    """Good from 70 points, bad below 40."""
    return "good" if score >= 70 else "warn" if score >= 40 else "bad"


def _fit(text: str) -> str:
    one = "".join(sign if sign.isprintable() else " " for sign in text).strip() or "-"
    return one if len(one) <= MOST else one[: MOST - 1] + "…"


def _width(text: str) -> int:
    """About as wide as the text is in an 11 px sans-serif."""
    return round(sum(4.2 if sign in _NARROW else 10.0 if sign in _WIDE else 7.0 for sign in text))
