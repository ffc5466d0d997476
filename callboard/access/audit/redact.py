"""Takes secrets and what no log should hold out of values before they are written down. Pure.

A net under those who write events, not their licence to pass secrets: what no name tells is not found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

REMOVED = "[removed]"
MAX_URL = 2000
MAX_TEXT = 500
_MAX_ITEMS = 50
_MAX_DEPTH = 4

_SECRET = re.compile(
    r"token|secret|passw|pwd|credential|cookie|authorization|assertion|signature|session|jwt|bearer|private"
    r"|(?:^|[^a-z])(?:key|apikey|code|state|nonce|sig|auth|otp|pin)(?:$|[^a-z])",
    re.IGNORECASE,
)
_WORDS = re.compile(r"([a-z0-9])([A-Z])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_ENCODED = re.compile(r"%([0-9a-fA-F]{2})")


def is_secret(name: str) -> bool:
    """Whether a parameter or key of that name holds something secret, by its name."""
    return _SECRET.search(_WORDS.sub(r"\1_\2", name)) is not None


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """One printable line of at most `limit` characters."""
    found = _CONTROL.sub("�", text[: limit + 1])
    return found if len(found) <= limit else found[: limit - 1] + "…"


def clean_url(path: bytes, query: bytes) -> str:
    """Path and query as they were sent, with the values of secret parameters removed."""
    text = path.decode("latin-1").partition("?")[0]
    if query:
        text += "?" + "&".join(_parameter(part) for part in query.decode("latin-1").split("&"))
    return clean_text(text, MAX_URL)


def clean_meta(value: Any, depth: int = 0) -> Any:
    """JSON (hence Any) without the values of secret keys, bounded in length and depth."""
    if isinstance(value, Mapping):
        if depth >= _MAX_DEPTH:
            return {}
        return {
            clean_text(str(key), 100): REMOVED if is_secret(str(key)) else clean_meta(value[key], depth + 1)
            for key in list(value)[:_MAX_ITEMS]
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [] if depth >= _MAX_DEPTH else [clean_meta(one, depth + 1) for one in list(value)[:_MAX_ITEMS]]
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    return clean_text(str(value))


def _parameter(part: str) -> str:
    name, equals, _ = part.partition("=")
    # Letters may be written with percent signs, and the name with them.
    plain = _ENCODED.sub(lambda match: chr(int(match[1], 16)), name.replace("+", " "))
    return f"{name}={REMOVED}" if equals and is_secret(plain) else part
