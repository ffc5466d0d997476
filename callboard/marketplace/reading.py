"""Reads fields of JSON that others wrote: what does not fit is taken as absent, and nothing raises."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref

MAX_ICON = 64 * 1024
_PICTURE = re.compile(r"data:(image/(?:svg\+xml|png|jpeg|gif|webp))((?:;[\w=-]+)*?)(;base64)?,", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_UNSEEN = re.compile(r"[\x00-\x20]")
_BLANKS = re.compile(r"\s+")


def text(value: Any) -> str:
    """A text without blanks around it; numbers are written out, everything else is empty."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, none twice; a single text stands for a list of one."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(one for item in items if (one := text(item))))


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list | tuple) else ()


def whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def day(value: Any) -> date | None:
    """A date, also of a time; None for what is no day of the calendar."""
    found = _DAY.fullmatch(text(value))
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def ref_in(value: Any, kind: str, namespace: str) -> str:
    """A full reference in lower case; empty for what is none."""
    given = text(value)
    try:
        return str(parse_ref(given, kind, namespace)) if given else ""
    except InputError:
        return ""


def refs_in(value: Any, kind: str, namespace: str) -> tuple[str, ...]:
    found = (ref_in(one, kind, namespace) for one in texts(value))
    return tuple(dict.fromkeys(one for one in found if one))


def web_url(value: Any, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """An address of one of these schemes that is safe to link to; else empty."""
    address = text(value)
    if _UNSEEN.search(address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    named = bool(parts.netloc) or parts.scheme == "mailto"
    return address if parts.scheme.lower() in schemes and named else ""


def safe_icon(value: Any) -> str:
    """A data URI of a picture for the `src` of an image, where its scripts do not run; else empty.

    Blanks, which YAML folding leaves in it, are taken out. Pictures above 64 KiB are not used, nor what calls
    itself a picture and is none.
    """
    given = text(value)
    if len(given) > 3 * MAX_ICON or not given.startswith("data:"):
        return ""
    head = _PICTURE.match(given)
    if head is None:
        return ""
    body = given[head.end() :]
    if head[3]:
        body = _BLANKS.sub("", body)
        try:
            content = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
        except (binascii.Error, ValueError):
            return ""
    else:
        content = unquote_to_bytes(body)
    if not content or len(content) > MAX_ICON or not _is_picture(head[1], content):
        return ""
    return f"data:{head[1]};base64,{base64.b64encode(content).decode()}"


_BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


def _is_picture(kind: str, content: bytes) -> bool:
    if kind == "image/svg+xml":
        return b"<svg" in content[:4096]
    return content.startswith(_BEGINNINGS[kind])
