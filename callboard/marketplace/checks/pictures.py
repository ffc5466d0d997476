"""Icons and screenshots: their kind by their content, their size and dimensions, and what SVG may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from callboard.marketplace.checks.findings import Finding, error
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
        from callboard.marketplace.checks.raster import check_raster  # with Pillow, once there is a picture

        yield from check_raster(picture, media, field)
