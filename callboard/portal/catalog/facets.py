"""The properties that the list of entities can be narrowed by, each by any of its values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` stands in URLs as `filters[name]`, `key` is the index's field; `ref`: its values are refs."""

    name: str
    key: str
    title: str
    ref: bool = False


FACETS = (
    Facet("type", "spec.type", "Type"),
    Facet("owners", "relations.ownedby", "Owner", ref=True),
    Facet("lifecycles", "spec.lifecycle", "Lifecycle"),
    Facet("tags", "metadata.tags", "Tag"),
    Facet("namespace", "metadata.namespace", "Namespace"),
)
BY_NAME = {facet.name: facet for facet in FACETS}
