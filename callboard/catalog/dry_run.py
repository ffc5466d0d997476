"""Processing without writing: what a location or an entity would give, for dry runs and validation."""

from __future__ import annotations

from typing import Any

import orjson

from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Entity
from callboard.catalog.ingest.process import Claimed, Processing, Result
from callboard.catalog.sources.locations import location_entity
from callboard.core.errors import InputError
from callboard.model.refs import entity_ref

MAX_ENTITIES = 2000


async def process_once(processing: Processing, entity: Entity) -> Result:
    """One entity through all processors. Raises InputError when it has no reference."""
    claimed = Claimed("", entity_ref(entity), orjson.dumps(entity).decode(), None, None)
    return await processing.run(claimed)


async def dry_run(processing: Processing, kind: str, target: str) -> list[Entity]:
    """Every entity that the location would bring in, processed. Raises InputError with all mistakes."""
    waiting = [location_entity(kind, target)]
    seen: set[str] = set()
    found: list[Entity] = []
    while waiting:
        entity = waiting.pop()
        ref = entity_ref(entity)
        if ref in seen:
            raise InputError(f"Duplicate nested entity: {ref}")
        if len(seen) >= MAX_ENTITIES:
            raise InputError(
                f"the location brings in more than {MAX_ENTITIES} entities; a dry run stops there"
            )
        seen.add(ref)
        result = await process_once(processing, entity)
        if result.errors:
            raise InputError(", ".join(f"{error['name']}: {error['message']}" for error in result.errors))
        if result.entity is not None:
            relations = [{"type": type_, "targetRef": other} for type_, other in result.own_relations]
            found.append({**result.entity, "relations": relations})
        waiting += [child.entity for child in reversed(result.children)]
    return found


async def validate(processing: Processing, entity: Any, location: str) -> list[dict[str, Any]]:
    """The mistakes that processing `entity`, as if read from `location`, would find; empty when none."""
    kind, separator, target = location.partition(":")
    if kind != "url" or not separator or "://" not in target:
        message = (
            f"Invalid location ref {location}, only 'url:<target>' is supported, e.g. url:https://host/path"
        )
        return [{"name": "TypeError", "message": message}]
    metadata = entity.get("metadata")
    if not isinstance(metadata, dict):
        return _errors(processing, entity)
    annotations = metadata.get("annotations")
    if annotations is not None and not isinstance(annotations, dict):
        return _errors(processing, entity)
    marked = {**(annotations or {}), LOCATION: location, ORIGIN: location}
    placed = {**entity, "metadata": {**metadata, "annotations": marked}}
    try:
        return (await process_once(processing, placed)).errors
    except InputError:
        return _errors(processing, entity)


def _errors(processing: Processing, entity: Any) -> list[dict[str, Any]]:
    problems = processing.model.validate(entity)
    return [{"name": problem.name, "message": str(problem), "field": problem.field} for problem in problems]
