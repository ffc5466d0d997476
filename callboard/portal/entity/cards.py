"""The data of the cards on the overview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.portal.entity import present
from callboard.portal.entity.neighbours import neighbour
from callboard.portal.entity.relations import parts, targets
from callboard.web.contributions import Entity, Page
from callboard.web.view import View

SHOWN_PARTS = 10
_DOCS = "/docs/"


async def about_card(view: View, entity: Entity) -> Mapping[str, Any]:
    """Description, owner and the like, and where the source and the documentation are."""
    about = present.present(entity)
    systems = targets(entity, "partOf", kind="system")
    named = targets(entity, "partOf", kind="domain")
    return {
        "about": about,
        "domains": named or _domains_of(view, systems),
        "docs": _docs_path(view, about) if present.documentation(entity) else "",
    }


def _domains_of(view: View, systems: list[str]) -> list[str]:
    """The domains that the systems are part of."""
    found: dict[str, None] = {}
    for ref in systems:
        row = view.index.row(ref)
        for target in view.index.values_of(row, "relations.partof") if row is not None else ():
            if target.lower().startswith("domain:"):
                found[target.lower()] = None
    return list(found)


def _docs_path(view: View, about: present.Presented) -> str:
    """Where the documentation is read, once a plugin shows any."""
    if not any(page.path.startswith(_DOCS) for page in view.registry.of(Page)):
        return ""
    return f"{_DOCS}{about.namespace}/{about.kind}/{about.name}".lower()


async def links_card(view: View, entity: Entity) -> Mapping[str, Any]:
    return {"links": present.links(entity)}


def has_links(entity: Entity) -> bool:
    return bool(present.links(entity))


async def parts_card(view: View, entity: Entity) -> Mapping[str, Any]:
    return {"groups": parts(entity, SHOWN_PARTS, lambda ref: neighbour(view.index, ref).kind)}


def has_parts(entity: Entity) -> bool:
    return bool(targets(entity, "hasPart"))


async def labels_card(view: View, entity: Entity) -> Mapping[str, Any]:
    return {
        "labels": _sorted(present.labels_of(entity)),
        "annotations": _sorted(present.annotations_of(entity)),
    }


def has_labels(entity: Entity) -> bool:
    return bool(present.labels_of(entity) or present.annotations_of(entity))


def _sorted(values: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((str(name), str(value)) for name, value in values.items())
