"""Which link addresses are acceptable: absolute URLs as a browser parses them, minus those that run code.

Not a URL parser: it answers yes or no, with the leniency of the WHATWG URL standard that Backstage's
`new URL(text)` has.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_EDGES = "".join(map(chr, range(0x21)))
_INSIDE = str.maketrans("", "", "\t\n\r")
_NEEDS_HOST = frozenset(("http", "https", "ws", "wss", "ftp"))
_BAD_HOST = re.compile(r"[\x00-\x20#/<>?@\[\\\]^|%\x7f]")
_IPV6 = re.compile(r"\[[0-9a-fA-F:.]+\]")
_RUNS_CODE = frozenset(("javascript", "data", "vbscript"))
_CACHED_LENGTH = 1024


def scheme(url: str) -> str | None:
    """The scheme a browser would see, in lower case: leading blanks and inner line breaks do not hide it."""
    match = _SCHEME.match(url.strip(_EDGES).translate(_INSIDE))
    return match.group(1).lower() if match else None


def runs_code(url: str) -> bool:
    """Whether following this address could run a script in the reader's page."""
    return scheme(url) in _RUNS_CODE


def is_absolute_url(value: object) -> bool:
    """Whether `new URL(value)` would succeed, as Backstage asks of `metadata.links[].url`."""
    if not isinstance(value, str):
        return False
    return _cached(value) if len(value) <= _CACHED_LENGTH else _is_absolute_url(value)


def _is_absolute_url(value: str) -> bool:
    text = value.strip(_EDGES).translate(_INSIDE)
    match = _SCHEME.match(text)
    if match is None:
        return False
    if match.group(1).lower() not in _NEEDS_HOST:
        return True
    rest = text[match.end() :].lstrip("/\\")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    return _is_host(authority.rpartition("@")[2])


def _is_host(text: str) -> bool:
    if text.startswith("["):
        match = _IPV6.match(text)
        if match is None:
            return False
        host, tail = match.group(), text[match.end() :]
        if tail and not tail.startswith(":"):
            return False
        port = tail[1:]
    else:
        host, _, port = text.partition(":")
        if _BAD_HOST.search(_percent_decoded(host)):
            return False
    return bool(host) and (not port or (port.isascii() and port.isdigit() and int(port[:9]) <= 0xFFFF))


def _percent_decoded(host: str) -> str:
    """A host may hold percent-escapes; what they stand for is what must be allowed."""
    return re.sub(r"%([0-9a-fA-F]{2})", lambda match: chr(int(match.group(1), 16)), host)


_cached = lru_cache(maxsize=16384)(_is_absolute_url)
