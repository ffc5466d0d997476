"""How relations pair up, which of a pair points to what an entity relies on, and how people say them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Forward relation, its inverse, and both as people say them. "Forward" leads from an entity to what it relies
# on, so every arrow of a picture means the same. The pairs: contract notes A3, "Well-known relations".
WELL_KNOWN = (
    ("ownedBy", "ownerOf", "is owned by", "owns"),
    ("partOf", "hasPart", "is part of", "has part"),
    ("dependsOn", "dependencyOf", "depends on", "is needed by"),
    ("providesApi", "apiProvidedBy", "provides", "is provided by"),
    ("consumesApi", "apiConsumedBy", "consumes", "is consumed by"),
    ("childOf", "parentOf", "is a child of", "is the parent of"),
    ("memberOf", "hasMember", "is a member of", "has member"),
)
_SAID = {
    type: words
    for forward, inverse, *said in WELL_KNOWN
    for type, words in zip((forward, inverse), said, strict=True)
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def say(relation: str) -> str:
    """A relation as a verb: `providesApi` is "provides", an unknown `deployedTo` is "deployed to"."""
    return _SAID.get(relation) or _HUMP.sub(" ", relation).lower()


@dataclass(frozen=True, slots=True)
class Pairs:
    """The inverse of every known relation, and which relations are forward."""

    inverses: Mapping[str, str] = field(default_factory=dict)
    backward: frozenset[str] = frozenset()

    @classmethod
    def of(cls, declared: Iterable[tuple[str, str]] = ()) -> Pairs:
        """The well-known pairs and the `declared` (relation, inverse) of the installed kinds."""
        inverses: dict[str, str] = {}
        backward: set[str] = set()
        for forward, inverse in [*(pair[:2] for pair in WELL_KNOWN), *sorted(declared)]:
            if forward in inverses or inverse in inverses:
                continue
            inverses[forward], inverses[inverse] = inverse, forward
            if forward != inverse:
                backward.add(inverse)
        return cls(inverses, frozenset(backward))

    def forward(self, relation: str) -> bool:
        """Whether the relation leads to what the entity relies on; one without a known pair does."""
        return relation not in self.backward

    def name(self, relation: str) -> str:
        """The forward relation of the pair that this one belongs to."""
        return self.inverses[relation] if relation in self.backward else relation
