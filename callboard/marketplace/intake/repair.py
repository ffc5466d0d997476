"""Mends what extension files get wrong around their spec, so that a bad tag does not hide a plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.catalog.ingest.contract import Entity
from callboard.marketplace.intake.extensions import REPAIRED
from callboard.marketplace.intake.names import tag
from callboard.marketplace.reading import mapping, text
from callboard.model.format import is_tag
from callboard.model.urls import is_absolute_url, runs_code


def repaired(entity: Entity) -> Entity:
    """The entity with valid tags, links, titles and a spec; the annotation says what was changed."""
    metadata = entity.get("metadata")
    if not isinstance(metadata, dict):
        return entity
    notes: list[str] = []
    fixed: dict[str, Any] = {}
    for key, value in metadata.items():
        kept = _field(key, value, notes)
        if kept is not None:
            fixed[key] = kept
    spec = entity.get("spec")
    if spec is not None and not isinstance(spec, dict):
        notes.append("spec is no mapping and is left out")
        spec = {}
    if not notes:
        return entity
    fixed["annotations"] = {**mapping(fixed.get("annotations")), REPAIRED: "; ".join(notes)[:2000]}
    return {**entity, "metadata": fixed, "spec": spec}


def _field(key: str, value: Any, notes: list[str]) -> Any:
    """A field of `metadata` as it may stay; None to leave it out."""
    if value is None:
        if key not in ("namespace", "annotations", "labels"):
            notes.append(f"metadata.{key} is null and is left out")
        return None
    if key == "tags":
        return _tags(value, notes)
    if key == "links":
        return _links(value, notes)
    if key in ("title", "description"):
        words = text(value)
        if not isinstance(value, str) or (key == "title" and not words):
            notes.append(f"metadata.{key} is no text")
            return words or None
        return value
    if key in ("labels", "annotations"):
        return _pairs(key, value, notes)
    return value


def _tags(value: Any, notes: list[str]) -> list[str]:
    found = []
    for one in value if isinstance(value, list) else [value]:
        if is_tag(one):
            found.append(one)
            continue
        mended = tag(text(one))
        notes.append(f"the tag {text(one)!r} is written {mended!r}" if mended else "a tag is no text")
        if mended:
            found.append(mended)
    return list(dict.fromkeys(found))


def _links(value: Any, notes: list[str]) -> list[dict[str, Any]]:
    found = []
    for at, one in enumerate(value if isinstance(value, list) else [value]):
        link = dict(one) if isinstance(one, Mapping) else {"url": one}
        if not is_absolute_url(link.get("url")) or runs_code(str(link["url"])):
            notes.append(f"metadata.links.{at} has no usable url and is left out")
            continue
        for key in ("title", "icon", "type"):
            if key in link and not text(link[key]):
                del link[key]
                notes.append(f"metadata.links.{at}.{key} is empty")
        found.append(link)
    return found


def _pairs(key: str, value: Any, notes: list[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        notes.append(f"metadata.{key} is no mapping and is left out")
        return {}
    found: dict[str, Any] = {}
    for name, one in value.items():
        if isinstance(one, str):
            found[name] = one
        else:
            found[name] = str(one).lower() if isinstance(one, bool) else text(one)
            notes.append(f"metadata.{key}.{name} is no text")
    return found
