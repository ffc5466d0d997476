"""A shelf over an index that a test fills by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from callboard.catalog.index import Entry, Index
from callboard.catalog.query import Queries
from callboard.marketplace.figures import ListingFigures, Ranking
from callboard.marketplace.shelf import Shelves

VERSION = "callboard.io/v1alpha1"


def entity(kind: str, name: str, /, metadata: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": "default", **(metadata or {})},
        "spec": spec,
        "relations": _relations(kind, spec),
    }


def _relations(kind: str, spec: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the catalog works out when it takes such an entity in."""
    found = []
    if kind == "Listing" and "publisher" in spec:
        found.append({"type": "publishedBy", "targetRef": f"publisher:default/{spec['publisher']}"})
    if kind == "Release":
        found.append({"type": "releaseOf", "targetRef": f"listing:default/{spec['listing']}"})
    for name in spec.get("related", ()):
        found.append({"type": "relatedTo", "targetRef": f"listing:default/{name}"})
    return found


@dataclass
class Measured:
    """`Figures` of a test."""

    version: str = "1"
    is_sample: bool = False
    downloads: dict[str, int] = field(default_factory=dict)
    released: dict[str, date] = field(default_factory=dict)

    def of(self, ref: str) -> ListingFigures | None:
        if ref not in self.downloads and ref not in self.released:
            return None
        return ListingFigures(downloads_30d=self.downloads.get(ref), last_release=self.released.get(ref))

    def ranking(self, name: Ranking) -> Sequence[str]:
        return sorted(self.downloads, key=lambda ref: -self.downloads[ref]) if name == "popular" else ()


class Market:
    """An index, and the shelves over it."""

    def __init__(self, *entities: dict[str, Any]) -> None:
        self.index = Index()
        self.queries = Queries(self.index)
        self.figures = Measured()
        self.shelves = Shelves(self.figures)
        self.shelf = self.shelves.of(self.queries)
        self.put(*entities)

    def put(self, *entities: dict[str, Any]) -> None:
        for one in entities:
            name = one["metadata"]["name"]
            ref = f"{one['kind']}:default/{name}".lower()
            self.index.put(Entry(ref, f"id-{ref}", orjson.dumps(one)))
