"""Which listings belong to a collection: those that it names, and those that its filter chooses."""

from __future__ import annotations

from pyroaring import BitMap

from callboard.marketplace.model import Collection
from callboard.marketplace.tables import Tables

_KEYS = {
    "tags": ("metadata.tags",),
    "categories": ("spec.categories",),
    "category": ("spec.categories",),
    "name": ("metadata.name",),
    "authors": ("spec.authors.name", "metadata.annotations.callboard.io/publisher-title"),
    "author": ("spec.authors.name", "metadata.annotations.callboard.io/publisher-title"),
    "publisher": ("metadata.annotations.callboard.io/publisher-title", "relations.publishedby"),
    "level": ("spec.support.level",),
    "provider": ("spec.support.provider",),
    "support": ("spec.support.level",),
    "lifecycle": ("spec.lifecycle",),
    "license": ("spec.license",),
}
"""What the last known word in a key of a collection's filter means on a listing."""


def members(collection: Collection, tables: Tables) -> BitMap:
    """The rows of a collection's listings."""
    rows = BitMap(row for ref in collection.wanted if (row := member(ref, tables)) is not None)
    if collection.filter:
        chosen = tables.shown - tables.archived
        for key, values in collection.filter:
            chosen = chosen & _filtered(key, values, tables)
        rows |= chosen
    return rows & tables.shown


def member(ref: str, tables: Tables) -> int | None:
    """A listing that a collection names: as written, else of this name anywhere if it is the only one."""
    row = tables.row(ref if ref.startswith("listing:") else f"listing:{ref.partition(':')[2]}")
    if row is not None:
        return row
    named = tables.having("metadata.name", (ref.rpartition("/")[2],))
    return named[0] if len(named) == 1 else None


def _filtered(key: str, values: tuple[str, ...], tables: Tables) -> BitMap:
    """What one key of a filter lets through. Keys name fields of the kind Plugin; listings differ."""
    known = next((part for part in reversed(key.lower().split(".")) if part in _KEYS), None)
    if known == "name" and "author" in key.lower():
        known = "authors"
    keys = _KEYS[known] if known else (key.lower(), f"spec.{key.lower()}")
    return BitMap.union(BitMap(), *(tables.having(one, values) for one in keys))
