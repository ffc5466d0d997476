"""Lists of users and of owned entities, told from the read index a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.query import Queries
from callboard.web.shapes import whole_number
from callboard.web.titles import NAMES

SHOWN = 50
DISPLAY_NAME = NAMES[0]
_ADDRESS = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+")


@dataclass(frozen=True, slots=True)
class Person:
    """A user. `mail` is the address of a link, or nothing where `email` is no address."""

    ref: str
    title: str
    initials: str
    role: str
    email: str
    mail: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list of rows: from `offset` on, of `total`."""

    rows: Sequence[int]
    offset: int
    total: int

    @property
    def before(self) -> int | None:
        return max(self.offset - SHOWN, 0) if self.offset else None

    @property
    def behind(self) -> int | None:
        end = self.offset + len(self.rows)
        return end if end < self.total and self.rows else None


def by_name(queries: Queries, rows: BitMap, offset: int) -> Listed:
    """Users by display name; behind them those who have none, by reference."""
    named = rows & queries.index.having(DISPLAY_NAME)
    order = (DISPLAY_NAME, False)
    page = queries.entity_rows(order=order, limit=SHOWN, offset=offset, within=named)
    if len(page) < SHOWN:
        rest, skipped = rows - named, max(offset - len(named), 0)
        page += queries.entity_rows(paged=True, limit=SHOWN - len(page), offset=skipped, within=rest)
    return Listed(page, offset, len(rows))


def by_ref(queries: Queries, rows: BitMap, offset: int = 0) -> Listed:
    """Entities by kind, namespace and name."""
    return Listed(queries.entity_rows(paged=True, limit=SHOWN, offset=offset, within=rows), offset, len(rows))


def person(index: Index, row: int, title: str) -> Person:
    """A user as lists tell of one."""

    def first(*keys: str) -> str:
        return next((value for key in keys for value in index.values_of(row, key)), "")

    email = first("spec.profile.email")
    groups = tuple(ref.lower() for ref in index.values_of(row, "relations.memberof"))
    role = first("spec.profile.title", "spec.profile.role")
    return Person(index.ref(row), title, initials(title), role, email, mail_link(email), groups)


def initials(name: str) -> str:
    """At most two letters that stand for a picture: of the first and the last word."""
    words = [word for word in re.split(r"[\s._\-]+", name) if word and word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def mail_link(email: Any) -> str:
    """The address of a link that begins a mail; nothing for what is no address, whatever its type."""
    if not isinstance(email, str) or not _ADDRESS.fullmatch(email):
        return ""
    return "mailto:" + quote(email, safe="@+.-_")


def asked_offset(text: str | None) -> int:
    """The offset that a URL asks for; 0 where it is none."""
    return whole_number(text) or 0
