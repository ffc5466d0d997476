"""What search engines are told: the sitemap (with an index past 50,000 addresses) and robots.txt. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

MOST = 50_000
"""Addresses in one file, as sitemaps.org allows."""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@dataclass(frozen=True, slots=True)
class Address:
    """`day` is when the page last changed, as YYYY-MM-DD; empty where nobody knows."""

    url: str
    day: str = ""


def sitemaps(addresses: Sequence[Address], base: str) -> dict[str, bytes]:
    """The files by name: `sitemap.xml`, and `sitemap-1.xml`, … when it is an index."""
    if len(addresses) <= MOST:
        return {"sitemap.xml": _urls(addresses)}
    parts = [addresses[at : at + MOST] for at in range(0, len(addresses), MOST)]
    files = {f"sitemap-{number}.xml": _urls(part) for number, part in enumerate(parts, 1)}
    listed = "".join(
        f"<sitemap><loc>{escape(f'{base}/{name}')}</loc>{_day(max(one.day for one in part))}</sitemap>\n"
        for name, part in zip(files, parts, strict=True)
    )
    index = f"{_HEAD}<sitemapindex {_SPACE}>\n{listed}</sitemapindex>\n"
    return {"sitemap.xml": index.encode(), **files}


def robots(base: str, *, public: bool) -> bytes:
    """Everything of the public site may be read but its forms and lists of search results; else nothing."""
    if not public:
        return b"User-agent: *\nDisallow: /\n"
    told = f"Sitemap: {base}/sitemap.xml\n" if base else ""
    rules = "Disallow: /marketplace/desk\nDisallow: /marketplace/compare\nDisallow: /marketplace/browse?*q=\n"
    allowed = "Allow: /marketplace\nAllow: /assets\nDisallow: /\n"
    return f"User-agent: *\n{rules}{allowed}{told}".encode()


def _urls(addresses: Sequence[Address]) -> bytes:
    listed = "".join(f"<url><loc>{escape(one.url)}</loc>{_day(one.day)}</url>\n" for one in addresses)
    return f"{_HEAD}<urlset {_SPACE}>\n{listed}</urlset>\n".encode("utf-8", "replace")


def _day(day: str) -> str:
    return f"<lastmod>{escape(day)}</lastmod>" if day else ""
