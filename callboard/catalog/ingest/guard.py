"""The mass-deletion guard: a source that suddenly gives far less than before waits for a person.

An empty answer of a source host, a wrong filter or a folder that was not mounted looks exactly like the
deletion of everything. Backstage believes it; here the deletion is held back until it is confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """`share` of the known entities (0 to 1) that may go at once; below `minimum` known ones all may."""

    share: float = 0.5
    minimum: int = 10

    def holds_back(self, known: int, removed: int) -> bool:
        return known >= self.minimum and removed > known * self.share
