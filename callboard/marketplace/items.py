"""Listings as they were read from the catalog, kept for all visitors: a listing says the same to everyone.

Who may see which of them is not decided here: whoever asks names rows that their visitor may see.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from callboard.catalog.index import Index
from callboard.marketplace.asked import Item
from callboard.marketplace.entities import read_listing
from callboard.marketplace.figures import Figures

KINDS = ("listing", "release", "publisher", "plugincollection")
"""What the shelf is made of. Nothing else of a catalog changes an answer of it."""
KEPT = 2048
"""Listings that are kept; each holds its long texts and its icon."""

State = tuple[int, str]


def state_of(index: Index, figures: Figures) -> State:
    """Changes whenever the shelf of any visitor may."""
    return index.version_of(*KINDS), figures.version


class Items:
    """Listings by their rows, of one state of the shelf."""

    def __init__(self, figures: Figures, most: int = KEPT) -> None:
        self._figures = figures
        self._most = most
        self._state: State = (-1, "")
        self._known: dict[int, Item] = {}

    async def of(self, index: Index, rows: Iterable[int]) -> dict[int, Item]:
        """The listings at these rows of what a visitor sees; what is gone or hidden by now is left out."""
        state = state_of(index, self._figures)
        if state != self._state:
            self._state, self._known = state, {}
        known = self._known
        wanted = list(rows)
        found = {row: known[row] for row in wanted if row in known}
        missing = [row for row in wanted if row not in found]
        for row, body in zip(missing, await index.bodies(missing), strict=True):
            if body is not None:
                one = read_listing(orjson.loads(body))
                found[row] = Item(one, self._figures.of(one.ref))
        if missing and state == state_of(index, self._figures):
            known.update((row, found[row]) for row in missing if row in found)
            while len(known) > self._most:
                del known[next(iter(known))]
        return found
