"""What the catalog looks like to one visitor: entities without a trace of those that are hidden. Pure.

A hidden entity's name may still stand where a visible one's author wrote it, such as in `spec.owner`: that
is part of what the visitor may read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

Entity = dict[str, Any]
Hides = Callable[[str], bool]
"""Whether nothing may be told of the entity that a ref names."""


def shown(entity: Entity, hides: Hides) -> Entity:
    """The entity without its relations to hidden ones."""
    relations = entity.get("relations")
    if not isinstance(relations, list):
        return entity
    kept = [one for one in relations if not _leads_to_hidden(one, hides)]
    return entity if len(kept) == len(relations) else {**entity, "relations": kept}


def shown_body(body: bytes, hides: Hides) -> bytes:
    """The same for a serialized entity."""
    entity = orjson.loads(body)
    made = shown(entity, hides)
    return body if made is entity else orjson.dumps(made)


def _leads_to_hidden(relation: Any, hides: Hides) -> bool:
    """Relations of stored versions are JSON of any time, hence Any."""
    return isinstance(relation, Mapping) and hides(str(relation.get("targetRef", "")))
