"""Finds entities whose name or title holds a text, for the field that adds one to the graph."""

from __future__ import annotations

from itertools import islice

from callboard.catalog.index import Index
from callboard.web.titles import NAMES, title_at

_FEWEST_CHARACTERS = 2


def suggest(index: Index, text: str, limit: int = 12) -> list[tuple[str, str]]:
    """References with their titles: names that begin with the text first, then whatever contains it."""
    typed = text.strip().lower()
    wanted = typed.rpartition("/")[2].rpartition(":")[2]
    if len(wanted) < _FEWEST_CHARACTERS:
        return []
    rows: dict[int, None] = {}
    for begins in (True, False):
        for field in reversed(NAMES):
            haystack = index.haystack(field)
            if haystack is not None and len(rows) < limit:
                found = haystack.begins(wanted) if begins else haystack.contains(wanted)
                rows.update(dict.fromkeys(islice(found, limit)))
    return [(index.ref(row), title_at(index, row) or index.ref(row)) for row in islice(rows, limit)]
