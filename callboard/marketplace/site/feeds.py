"""Atom (RFC 4287) and JSON Feed 1.1 of new and of updated listings. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import orjson

ENTRIES = 50
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """`id` never changes; `moment` is ISO 8601 in UTC."""

    id: str
    url: str
    title: str
    summary: str
    moment: str
    by: str


@dataclass(frozen=True, slots=True)
class Feed:
    """`url` is where the feed itself stands, `home` the page it tells of."""

    title: str
    url: str
    home: str
    entries: Sequence[Entry]

    @property
    def moment(self) -> str:
        return max((one.moment for one in self.entries), default=EPOCH)


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_text(feed.title)}</title><id>{_text(feed.url)}</id><updated>{feed.moment}</updated>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(feed.url)}/>',
        f'<link rel="alternate" type="text/html" href={_attribute(feed.home)}/>',
    ]
    parts += [
        f"<entry><title>{_text(one.title)}</title><id>{_text(one.id)}</id><updated>{one.moment}</updated>"
        f'<link rel="alternate" type="text/html" href={_attribute(one.url)}/>'
        f"<author><name>{_text(one.by)}</name></author><summary>{_text(one.summary)}</summary></entry>"
        for one in feed.entries[:ENTRIES]
    ]
    return "\n".join([*parts, "</feed>\n"]).encode("utf-8", "replace")


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed."""
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.url,
            "items": [
                {
                    "id": one.id,
                    "url": one.url,
                    "title": one.title,
                    "content_text": one.summary,
                    "date_modified": one.moment,
                    "authors": [{"name": one.by}],
                }
                for one in feed.entries[:ENTRIES]
            ],
        },
        option=orjson.OPT_INDENT_2,
    )


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
