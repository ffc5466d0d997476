"""Whether a request comes from our own pages, as the browser itself tells it."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_same_origin(headers: Headers, origins: Collection[str]) -> bool:
    """By Sec-Fetch-Site, which pages cannot set, else by Origin; False when the browser tells neither.

    `origins` are the configured addresses of the portal, for proxies that change the Host header.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")  # none: the person did it, not a page
    origin = headers.get("origin")
    if origin is None:
        return False
    if origin in origins:
        return True
    host = headers.get("host", "")
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return bool(host) and parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
