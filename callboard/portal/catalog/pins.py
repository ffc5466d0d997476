"""The views of the catalog that a visitor pinned: a list of `{"title", "query"}`."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

from callboard.core.errors import InputError
from callboard.portal.catalog.state import read_state

Pin = dict[str, str]

MOST = 30
TITLE = 60


def pinned(pins: Sequence[Pin], title: str, query: str) -> list[Pin]:
    """The pins with one more; the same view pinned again only gets the new title. Raises InputError."""
    title = " ".join(title.split())
    if not title:
        raise InputError("A pinned view needs a title")
    if len(title) > TITLE:
        raise InputError(f"The title of a pinned view has at most {TITLE} characters")
    query = plain(query)
    if all(pin["query"] != query for pin in pins) and len(pins) >= MOST:
        raise InputError(f"There are {MOST} pinned views already; remove one first")
    kept = [pin for pin in pins if pin["query"] != query]
    return [*kept, {"title": title, "query": query}]


def unpinned(pins: Sequence[Pin], query: str) -> list[Pin]:
    """The pins without the one of this view."""
    return [pin for pin in pins if query not in (pin["query"], plain(pin["query"]))]


def plain(query: str) -> str:
    """The query string of a view as we write it: from its first page, and with nothing else in it."""
    return read_state(parse_qsl(query, keep_blank_values=True)).but().query()
