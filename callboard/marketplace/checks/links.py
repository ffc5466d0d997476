"""The links of a listing: which addresses may stand there. Whether they lead anywhere is asked elsewhere."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from callboard.marketplace.checks.declared import Declared
from callboard.marketplace.checks.findings import Finding, error


def urls_of(declared: Declared) -> list[tuple[str, str]]:
    """Every address of a listing with its field."""
    found = [(f"links[{at}].url", link.url) for at, link in enumerate(declared.links)]
    return [*found, *([("price.url", declared.price.url)] if declared.price.url else [])]


def check_links(declared: Declared) -> Iterator[Finding]:
    """Scheme, host and form of each address."""
    for field, url in urls_of(declared):
        if (wrong := wrong_url(url)) is not None:
            yield error("link-refused", f"{url[:200]} {wrong}", field)


def wrong_url(url: str) -> str | None:
    """Why an address may not be linked; None for one that may."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "is no address"
    if parts.scheme.lower() != "https":
        return f"must begin with https:, not {parts.scheme.lower() or 'without a scheme'}"
    if parts.username is not None or parts.password is not None:
        return "must hold no name or password"
    if not host or "." not in host or host.endswith((".local", ".internal", ".localhost", ".home.arpa")):
        return "leads to a host that only some networks know"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return "must name its host, not an address of one"
