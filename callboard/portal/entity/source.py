"""Finds an entity's own document in the file that it was read from.

The file is named by an annotation, which the catalog sets but another provider may pass on from elsewhere.
So nothing of a file is shown except the document that describes the very entity: it is known anyway.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from callboard.catalog.sources.files import read_file
from callboard.core.errors import CallboardError
from callboard.core.yaml import read_documents
from callboard.model.refs import entity_ref, parse_location_ref
from callboard.portal.entity.present import MANAGED_BY, annotations_of
from callboard.web.contributions import Entity

MAX_BYTES = 2 * 1024 * 1024
AROUND = 3  # lines before and after the one at fault


@dataclass(frozen=True, slots=True)
class Source:
    """A document of a file: its lines, the first of which is line `first` of the file."""

    path: str
    first: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def excerpt(self, line: int) -> list[tuple[int, str, bool]]:
        """Lines around one: number, text, and whether it is the one; empty where it is elsewhere."""
        at = line - self.first
        if not 0 <= at < len(self.lines):
            return []
        start = max(at - AROUND, 0)
        chosen = self.lines[start : at + AROUND + 1]
        return [(self.first + start + place, text, start + place == at) for place, text in enumerate(chosen)]


async def source_of(entity: Entity) -> Source | None:
    """The document as it stands in a local file now; None where it came from elsewhere or is gone."""
    try:
        place = parse_location_ref(annotations_of(entity).get(MANAGED_BY, ""))
    except CallboardError:
        return None
    if place.type != "file":
        return None
    return await asyncio.to_thread(_read, place.target, entity_ref(entity))


def _read(path: str, ref: str) -> Source | None:
    if not os.path.isabs(path) or not os.path.isfile(path):  # a pipe would never end
        return None
    try:
        content = read_file(path, MAX_BYTES)
    except CallboardError:
        return None
    return document(content, path, ref)


def document(content: bytes, path: str, ref: str) -> Source | None:
    """The document that describes `ref`. Pure."""
    documents = read_documents(content, path)
    lines = content.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    starts = [one.line for one in documents]
    for one, end in zip(documents, [*starts[1:], len(lines) + 1], strict=True):
        if _describes(one.value, ref):
            own = lines[one.line - 1 : end - 1]
            while own and own[-1].strip() in ("", "---", "..."):
                own.pop()
            return Source(path, one.line, tuple(own))
    return None


def _describes(value: object, ref: str) -> bool:
    try:
        return isinstance(value, dict) and entity_ref(value) == ref
    except (KeyError, TypeError, AttributeError):
        return False
