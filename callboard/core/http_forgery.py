"""Whether a page of another site could have made a visitor's browser send a request. Pure.

Only requests that change something are asked about. What decides is, in this order, what browsers say of
where the request comes from (`Sec-Fetch-Site`, `Origin`), and for those that say neither the cookies: a
request without either header and without cookies carries no visitor's authority, and comes from a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

Trusts = Callable[[str], bool]
"""Whether pages of an origin such as `https://portal.example` may use this server for their visitors."""

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def forgeable(method: str, headers: Iterable[tuple[bytes, bytes]], trusts: Trusts | None = None) -> bool:
    """Whether to refuse. `trusts` names other origins that are let in, which is what CORS is configured for.

    A POST of JSON may come from anywhere: browsers ask before they send one to another site (CORS preflight),
    and are told no. They never ask before a form; and whoever sends PUT, PATCH or DELETE from elsewhere was
    told no already.
    """
    given: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _READ:
            given.setdefault(name, []).append(value)
    origins = given.get(b"origin", [])
    site = given.get(b"sec-fetch-site", [])
    if site == [b"same-origin"]:
        return len(origins) > 1
    origin = origins[0].decode("latin-1") if len(origins) == 1 else ""
    if len(origins) > 1 or origin == "null":
        return True
    if origin and trusts is not None and trusts(origin):
        return False
    if method == "POST" and _is_json(given.get(b"content-type", [])):
        return False
    if site and site != [b"none"]:
        return True
    host = (given.get(b"host") or [b""])[0].decode("latin-1")
    if origin:
        return not _same(origin, host)
    if site or b"cookie" not in given:
        return False
    if _is_json(given.get(b"content-type", [])):
        return False
    referer = (given.get(b"referer") or [b""])[0].decode("latin-1")
    return not _same(referer, host)


_READ = frozenset({b"origin", b"sec-fetch-site", b"content-type", b"host", b"cookie", b"referer"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def _is_json(types: list[bytes]) -> bool:
    """Exactly one content type, and exactly this one: `text/plain; application/json` is text."""
    return len(types) == 1 and types[0].partition(b";")[0].strip().lower() == b"application/json"


def _same(url: str, host: str) -> bool:
    """Whether a URL belongs to the host and port asked for. Not its scheme: a proxy may have ended TLS."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    port = _DEFAULT_PORTS.get(parts.scheme)
    if port is None or not host:
        return False
    return parts.netloc.lower().removesuffix(port) == host.lower().removesuffix(port)
