"""What the read index is told about one entity."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A final entity: its reference and id, its JSON as served, and the references of its parents.

    `body` includes metadata.uid and metadata.etag, relations and status; `parents` are the entities whose
    processing emitted this one.
    """

    entity_ref: str
    entity_id: str
    body: bytes
    parents: tuple[str, ...] = ()
