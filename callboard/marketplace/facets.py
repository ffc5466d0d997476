"""The filters of the shelf, and how many listings each of their values would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from pyroaring import BitMap

from callboard.catalog.query import Queries
from callboard.marketplace.asked import Browse, Facet, FacetValue
from callboard.marketplace.model import Listing
from callboard.marketplace.reading import refs_in
from callboard.marketplace.tables import Tables

HOSTS = {"npm": "backstage", "pypi": "callboard"}
ECOSYSTEMS = {host: ecosystem for ecosystem, host in HOSTS.items()}
TITLES = {
    "backstage": "Backstage",
    "callboard": "Callboard",
    "generally-available": "Generally available",
    "tech-preview": "Technical preview",
    "dev-preview": "Developer preview",
    "community": "Community",
    "none": "None",
    "free": "Free",
    "included": "Included in a subscription",
    "contact": "On request",
    "active": "Active",
    "inactive": "Inactive",
    "deprecated": "Deprecated",
    "archived": "Archived",
    "experimental": "Experimental",
    "plugin": "Plugin",
    "bundle": "Bundle",
    "service": "Service",
}
FIELDS = {
    "category": ("Category", "spec.categories"),
    "publisher": ("Publisher", "relations.publishedby"),
    "support": ("Support", "spec.support.level"),
    "host": ("Works with", "spec.packages.ecosystem"),
    "lifecycle": ("Lifecycle", "spec.lifecycle"),
    "price": ("Price", "spec.price.model"),
    "license": ("License", "spec.license"),
    "type": ("Type", "spec.type"),
    "tag": ("Tag", "metadata.tags"),
}
"""Each with its title and its key in the index, in the order of display."""


def values_of(one: Listing) -> dict[str, tuple[str, ...]]:
    """What a listing has for each facet, as filters name it. Which collections hold it, it does not know."""
    return {
        "category": one.categories,
        "publisher": (one.publisher,),
        "support": (one.support.level,),
        "host": tuple(HOSTS.get(name, name) for name in one.ecosystems),
        "lifecycle": (one.lifecycle,),
        "price": (one.price.model,),
        "license": (one.license,),
        "type": (one.type,),
        "tag": one.tags,
    }


def filters(asked: Browse, tables: Tables, members: Callable[[str], BitMap]) -> dict[str, BitMap]:
    """The rows that each filter of a question lets through; `members` gives those of a collection."""
    found = {}
    for name, (_, key) in FIELDS.items():
        values = getattr(asked, name)
        if not values:
            continue
        if name == "publisher":
            values = refs_in(values, "publisher", "default")
        elif name == "host":
            values = tuple(ECOSYSTEMS.get(value.lower(), value) for value in values)
        found[name] = tables.having(key, values)
    if asked.collection:
        refs = refs_in(asked.collection, "plugincollection", "default")
        found["collection"] = BitMap.union(BitMap(), *(members(ref) for ref in refs))
    return found


def count(
    queries: Queries,
    tables: Tables,
    asked: Browse,
    base: BitMap,
    *,
    allowed: Mapping[str, BitMap],
    collections: Mapping[str, tuple[str, BitMap]],
) -> tuple[Facet, ...]:
    """Every facet over `base` with all filters but its own; `collections` gives title and rows by ref."""
    archived = tables.archived
    found = []
    for name, (title, key) in FIELDS.items():
        rows = _others(base, allowed, name)
        # Archived listings are counted as what one would get by asking for them.
        if name != "lifecycle" and not asked.archived and "lifecycle" not in allowed:
            rows = rows - archived
        counts = queries.facet_counts(key, within=rows)
        found.append(_facet(tables, asked, name, title, counts))
    rows = _others(base, allowed, "collection") - (BitMap() if asked.archived else archived)
    chosen = refs_in(asked.collection, "plugincollection", "default")
    values = [
        FacetValue(ref, label, len(members & rows), ref in chosen)
        for ref, (label, members) in collections.items()
    ]
    found.append(Facet("collection", "Collection", _ordered(one for one in values if one.count)))
    return tuple(found)


def _others(base: BitMap, allowed: Mapping[str, BitMap], name: str) -> BitMap:
    for other, rows in allowed.items():
        if other != name:
            base = base & rows
    return base


def _facet(tables: Tables, asked: Browse, name: str, title: str, counts: list[tuple[str, int]]) -> Facet:
    if name == "publisher":
        chosen = set(refs_in(getattr(asked, name), "publisher", "default"))
    else:
        chosen = {value.lower() for value in getattr(asked, name)}
    merged: dict[str, FacetValue] = {}
    for value, number in counts:
        shown = HOSTS.get(value, value) if name == "host" else value
        low = shown.lower()
        known = merged.get(low)
        if known is not None:  # the same value in another case
            merged[low] = replace(known, count=known.count + number)
            continue
        label = tables.title_of(value) if name == "publisher" else TITLES.get(low, shown)
        merged[low] = FacetValue(shown, label, number, low in chosen)
    return Facet(name, title, _ordered(merged.values()))


def _ordered(values: Iterable[FacetValue]) -> tuple[FacetValue, ...]:
    return tuple(sorted(values, key=lambda one: (-one.count, one.title.casefold())))
