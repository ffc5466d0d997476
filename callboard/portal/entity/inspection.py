"""The tab Inspect: an entity as the catalog holds it, where it came from, and its texts to copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from callboard.core.errors import InputError, NotFoundError
from callboard.model.refs import entity_ref
from callboard.portal.entity import present
from callboard.portal.entity.source import source_of
from callboard.portal.entity.texts import as_json, as_yaml, shortened
from callboard.web.contributions import Entity
from callboard.web.view import View

VIEWS = {
    "overview": "Overview",
    "ancestry": "Ancestry",
    "colocated": "Colocated",
    "json": "JSON",
    "yaml": "YAML",
    "raw": "Raw source",
}
_TYPES = {"json": "application/json", "yaml": "application/yaml"}


async def inspect_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """`?view=` chooses one of `VIEWS`. Raises InputError for another."""
    chosen = view.query.get("view", "overview")
    if chosen not in VIEWS:
        raise InputError(f"There is no view {chosen}; there are {', '.join(VIEWS)}")
    ref = entity_ref(entity)
    about = present.present(entity)
    shared = {"views": VIEWS, "chosen": chosen, "about": about, "identity": [], "levels": [], "refs": []}
    if chosen == "overview":
        return {**shared, "identity": _identity(entity), "managed_by": _managed_by(entity)}
    if chosen == "ancestry":
        return {**shared, "levels": await _ancestry(view, ref)}
    if chosen == "colocated":
        refs = [one for one in await view.catalog.colocated(ref) if not view.hides(one)]
        return {**shared, "refs": refs, "managed_by": _managed_by(entity)}
    if chosen == "raw":
        return {**shared, "source": await source_of(entity), "managed_by": _managed_by(entity)}
    return {**shared, **shortened(as_json(entity) if chosen == "json" else as_yaml(entity))}


def _identity(entity: Entity) -> list[tuple[str, str]]:
    metadata = entity["metadata"]
    found = [
        ("Reference", entity_ref(entity)),
        ("API version", entity.get("apiVersion", "")),
        ("Kind", entity["kind"]),
        ("Namespace", metadata.get("namespace", "default")),
        ("Name", metadata["name"]),
        ("UID", metadata.get("uid", "")),
        ("ETag", metadata.get("etag", "")),
    ]
    return [(name, str(value)) for name, value in found if value]


def _managed_by(entity: Entity) -> str:
    return str(present.annotations_of(entity).get(present.MANAGED_BY, ""))


async def _ancestry(view: View, ref: str) -> list[list[str]]:
    """The entities above this one, level by level: parents, their parents, and so on."""
    items = orjson.loads(await view.queries.ancestry(ref))["items"]
    parents = {entity_ref(item["entity"]): item["parentEntityRefs"] for item in items}
    levels: list[list[str]] = []
    seen, level = {ref}, [ref]
    while level := sorted({up for one in level for up in parents.get(one, ())} - seen):
        seen.update(level)
        levels.append(level)
    return levels


async def download(view: View) -> Response:
    """The entity as a file: `entity.json` or `entity.yaml`."""
    given = view.request.path_params
    format = given["format"]
    if format not in _TYPES:
        raise NotFoundError(f"There is no entity.{format}; there are entity.json and entity.yaml")
    entity = await view.entity(f"{given['kind']}:{given['namespace']}/{given['name']}")
    if entity is None:
        raise NotFoundError(f"There is no entity {given['kind']}:{given['namespace']}/{given['name']}")
    text = as_json(entity) if format == "json" else as_yaml(entity)
    # Names of entities are letters, digits and `-_.`; anything else would end the header.
    name = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "-" for one in given["name"])
    headers = {"content-disposition": f'attachment; filename="{name}.{format}"', "cache-control": "no-cache"}
    return Response(text.encode("utf-8", "replace"), media_type=_TYPES[format], headers=headers)
