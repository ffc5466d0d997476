"""Pictures of pixels: whether they are what they begin as, can be read, and have dimensions to be shown."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import Image, UnidentifiedImageError

from callboard.marketplace.checks.findings import Finding, error, warning
from callboard.marketplace.checks.pictures import MAX_SIDE, MEDIA, Picture


def check_raster(picture: Picture, media: str, field: str) -> Iterator[Finding]:
    """What is wrong with a PNG, JPEG or WebP, which `media` says that it is."""
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
