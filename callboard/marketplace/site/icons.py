"""The icons of listings as files of their own, named after what they show, so that browsers keep them."""

from __future__ import annotations

import base64
import hashlib

_ENDINGS = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}


def icon_name(source: str) -> str:
    """The file name of an icon that is a data URI as `reading.safe_icon` gives it; empty for none."""
    if not source:
        return ""
    media_type = source[5:].partition(";")[0]
    digest = hashlib.blake2b(source.encode(), digest_size=10).hexdigest()
    return f"{digest}.{_ENDINGS[media_type]}"


def picture_in(source: str) -> tuple[str, bytes]:
    """The media type and the content of such a data URI."""
    head, _, body = source.partition(",")
    return head[5:].partition(";")[0], base64.b64decode(body)
