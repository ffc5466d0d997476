"""How people call an entity: the fields of the read index that say it, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

NAMES = ("spec.profile.displayname", "metadata.title", "metadata.name")


class Terms(Protocol):
    """What is needed of the read index."""

    def values_of(self, row: int, key: str, /) -> Sequence[str]: ...


def title_at(index: Terms, row: int) -> str:
    """The display name of the entity in a row, else its title, else its name."""
    return next((value for key in NAMES for value in index.values_of(row, key)), "")
