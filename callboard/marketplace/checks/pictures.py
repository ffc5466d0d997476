"""Icons and screenshots: their kind by their content, their size and dimensions, and what SVG may hold."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from PIL import Image, UnidentifiedImageError

from callboard.marketplace.checks.findings import Finding, error, warning
from callboard.marketplace.checks.svg import wrong_svg

Use = Literal["icon", "screenshot"]
MAX_ICON = 64 * 1024
MAX_SCREENSHOT = 2 * 1024 * 1024
MAX_SIDE = 4096
MAX_PIXELS = MAX_SIDE * MAX_SIDE
MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was sent."""

    use: Use
    filename: str
    content: bytes


def media_of(content: bytes) -> str | None:
    """The media type by the first bytes; whatever its name says. None for what is taken nowhere."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        SVG
        if head.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in content
        else None
    )


def check_picture(picture: Picture) -> Iterator[Finding]:
    """Everything that is wrong with one picture."""
    field = f"{picture.use}:{picture.filename[:100]}"
    most = MAX_ICON if picture.use == "icon" else MAX_SCREENSHOT
    if len(picture.content) > most:
        yield error(
            "picture-size",
            f"The picture has {len(picture.content):,} bytes; at most {most:,} are taken",
            field,
        )
        return
    media = media_of(picture.content)
    if media is None:
        yield error("picture-kind", "The picture is neither PNG, JPEG, WebP nor SVG", field)
    elif media == SVG:
        if picture.use == "screenshot":
            yield error("picture-kind", "A screenshot is PNG, JPEG or WebP", field)
        elif (wrong := wrong_svg(picture.content)) is not None:
            yield error("svg-refused", f"The SVG {wrong}", field)
    else:
        yield from _raster(picture, media, field)


def _raster(picture: Picture, media: str, field: str) -> Iterator[Finding]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # The header alone tells the dimensions; nothing is unpacked before they are known to be sane.
            with Image.open(io.BytesIO(picture.content), formats=list(MEDIA)) as opened:
                width, height = opened.size
                if width > MAX_SIDE or height > MAX_SIDE:
                    yield error(
                        "picture-dimensions",
                        f"The picture is {width} × {height}; {MAX_SIDE} × {MAX_SIDE} are the most",
                        field,
                    )
                    return
                if MEDIA.get(opened.format or "") != media or getattr(opened, "n_frames", 1) > 1:
                    yield error("picture-kind", "The picture is not what it begins as, or moves", field)
                    return
                opened.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        yield error("picture-dimensions", "The picture unpacks to more than can be shown", field)
        return
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        yield error("picture-broken", "The picture cannot be read", field)
        return
    if picture.use == "icon" and (min(width, height) < 48 or max(width, height) > 1024 or width != height):
        yield error(
            "icon-shape", f"An icon is a square of 48 to 1024 pixels; this is {width} × {height}", field
        )
    if picture.use == "screenshot" and (width < 320 or height < 180):
        yield warning("screenshot-small", f"The screenshot is only {width} × {height}", field)
