"""Small catalogs to walk through, as the read index would show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Told = Mapping[str, Sequence[tuple[str, str]]]


class Index:
    """Entities by reference with their relations and terms; a row is a place in the order given."""

    def __init__(self, entities: Told, terms: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._refs = list(entities)
        self._entities = entities
        self._terms = terms or {}

    def row(self, entity_ref: str, /) -> int | None:
        return self._refs.index(entity_ref) if entity_ref in self._entities else None

    def relations(self, row: int, /) -> Sequence[tuple[str, str]]:
        return self._entities[self._refs[row]]

    def values_of(self, row: int, key: str, /) -> list[str]:
        value = self._terms.get(self._refs[row], {}).get(key)
        return [] if value is None else [value]


SHIP, CREW, CABLE, RADAR = (
    "component:default/ship",
    "group:default/crew",
    "api:default/cable",
    "component:default/radar",
)
GONE = "resource:default/gone"

HARBOUR = Index(
    {
        SHIP: [("dependsOn", GONE), ("ownedBy", CREW), ("providesApi", CABLE)],
        CREW: [("ownerOf", RADAR), ("ownerOf", SHIP)],
        CABLE: [("apiConsumedBy", RADAR), ("apiProvidedBy", SHIP)],
        RADAR: [("consumesApi", CABLE), ("ownedBy", CREW)],
    }
)
