"""Finds entities whose name or title holds a text, for the field that adds one to the graph."""

from __future__ import annotations

from itertools import islice

from callboard.catalog.index import Index

_FEWEST_CHARACTERS = 2
_FIELDS = ("metadata.name", "metadata.title", "spec.profile.displayname")


def suggest(index: Index, text: str, limit: int = 12) -> list[tuple[str, str]]:
    """References with their titles: names that begin with the text first, then whatever contains it."""
    typed = text.strip().lower()
    wanted = typed.rpartition("/")[2].rpartition(":")[2]
    if len(wanted) < _FEWEST_CHARACTERS:
        return []
    rows: dict[int, None] = {}
    for begins in (True, False):
        for field in _FIELDS:
            haystack = index.haystack(field)
            if haystack is not None and len(rows) < limit:
                found = haystack.begins(wanted) if begins else haystack.contains(wanted)
                rows.update(dict.fromkeys(islice(found, limit)))
    return [(index.ref(row), _title(index, row)) for row in islice(rows, limit)]


def _title(index: Index, row: int) -> str:
    return next((text for field in reversed(_FIELDS) for text in index.values_of(row, field)), index.ref(row))
