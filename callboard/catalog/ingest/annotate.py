"""Annotations that follow from where an entity came from, and the namespace it is in by default."""

from __future__ import annotations

import re

from callboard.catalog.ingest.contract import Context, Entity
from callboard.core.integrations import Integrations

_COMMIT = re.compile(r"\b[0-9a-f]{40,}\b")


class AnnotateProcessor:
    """Adds view-url, edit-url and source-location for entities read from a URL; given values win."""

    name = "AnnotateLocationEntityProcessor"
    priority = 10

    def __init__(self, integrations: Integrations) -> None:
        self._integrations = integrations

    async def pre_process(self, entity: Entity, context: Context) -> Entity:
        if context.location.type != "url":
            return entity
        target = context.location.target
        derived = {"backstage.io/view-url": target}
        if not _COMMIT.search(target):
            derived["backstage.io/edit-url"] = self._integrations.edit_url(target)
        source = self._integrations.source_location(target)
        derived["backstage.io/source-location"] = source if source.startswith("url:") else f"url:{source}"
        annotations = {**derived, **(entity["metadata"].get("annotations") or {})}
        return {**entity, "metadata": {**entity["metadata"], "annotations": annotations}}
