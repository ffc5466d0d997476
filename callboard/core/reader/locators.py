"""Parses a URL strictly: plain http(s), no user info, a host that every parser reads alike."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from posixpath import normpath

import httpx

from callboard.core.errors import InputError
from callboard.core.integrations.urls import fully_unquoted, without_userinfo

_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_-])?\.?", re.ASCII)
# Also an empty one, which parsers drop without a word.
_WITH_USERINFO = re.compile(r"[^/?#]*//[^/?#]*@")
_MAX_LENGTH = 8192


def parse(url: str) -> httpx.URL:
    """The parsed URL, with the host in ASCII and without fragment. Raises InputError."""
    if len(url) > _MAX_LENGTH:
        raise InputError(f"URL is longer than {_MAX_LENGTH} characters")
    shown = without_userinfo(url)
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InputError(f"'{shown}' is not a valid URL") from error
    if parsed.scheme not in ("http", "https"):
        raise InputError(f"Reading from '{shown}' is not supported: only http and https URLs can be read")
    if _WITH_USERINFO.match(url):
        raise InputError(f"Reading from '{shown}' is not allowed: URLs must not hold a user name or password")
    if not _is_host(parsed.raw_host.decode("ascii")):
        raise InputError(f"'{shown}' is not a valid URL: it has no valid host name")
    if not 0 < port_of(parsed) < 65536:
        raise InputError(f"'{shown}' is not a valid URL: it has no valid port")
    return parsed.copy_with(fragment=None)


def ascii_host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower()


def port_of(url: httpx.URL) -> int:
    return url.port if url.port is not None else (443 if url.scheme == "https" else 80)


def origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, ascii_host(url), port_of(url)


def path_readings(url: httpx.URL) -> tuple[str, str]:
    """The path as sent, and as a server that decodes escapes and backslashes would walk it."""
    sent = url.raw_path.decode("ascii").partition("?")[0]
    walked = fully_unquoted(sent).replace("\\", "/")
    return sent, _walked(walked)


def _walked(path: str) -> str:
    normal = normpath(path) if path else "/"
    normal = re.sub("^//+", "/", normal)
    return f"{normal}/" if path.endswith("/") and normal != "/" else normal


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            IPv6Address(host)
        except ValueError:
            return False
        return True
    return _HOST.fullmatch(host.lower()) is not None
