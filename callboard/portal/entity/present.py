"""Turns an entity into what its pages show: header, facts, links and warnings. Pure.

Values come from descriptors, where anything may stand anywhere; what has the wrong shape is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callboard.model.refs import entity_ref
from callboard.portal.entity.relations import lost, targets
from callboard.web.contributions import Entity
from callboard.web.shapes import items, mapping, text
from callboard.web.templating import safe_url

ORPHAN = "backstage.io/orphan"
VIEW_URL = "backstage.io/view-url"
EDIT_URL = "backstage.io/edit-url"
MANAGED_BY = "backstage.io/managed-by-location"
DOCUMENTATION = ("backstage.io/techdocs-ref", "backstage.io/techdocs-entity")
SHOWN_LOST = 10
_LINK_ICONS = {
    "dashboard": "dashboard",
    "docs": "docs",
    "catalog": "catalog",
    "email": "mail",
    "mail": "mail",
    "chat": "chat",
    "help": "help",
    "github": "code",
    "code": "code",
    "search": "search",
    "group": "group",
    "user": "user",
    "alert": "bell",
}
# Which relations are told in the header and the card About, in this order: type, kind of the target, name.
_FACTS = (
    ("ownedBy", "", "Owner"),
    ("partOf", "domain", "Domain"),
    ("partOf", "system", "System"),
    ("partOf", "component", "Part of"),
    ("childOf", "", "Parent"),
    ("memberOf", "", "Member of"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A named list of entities, such as the owners."""

    name: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """`url` is safe to follow; the empty text means that the descriptor's was not, and stays text."""

    url: str
    title: str
    icon: str
    shown: str
    """The address as it is written."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What the header of the page tells."""

    ref: str
    kind: str
    type: str
    namespace: str
    name: str
    title: str
    description: str
    lifecycle: str
    tags: tuple[str, ...]
    facts: tuple[Fact, ...]
    view_url: str
    edit_url: str

    @property
    def lead(self) -> str:
        """The description where it is one short paragraph, which fits below the title."""
        said = self.description
        return said if len(said) <= 240 and "\n" not in said else ""


@dataclass(frozen=True, slots=True)
class Warnings:
    """What is wrong with an entity. `lost` are the first relations that lead nowhere, of `lost_total`."""

    orphan: bool
    errors: int
    lost: tuple[str, ...]
    lost_total: int


def present(entity: Entity) -> Presented:
    """The header of an entity's page."""
    metadata, spec = mapping(entity.get("metadata")), mapping(entity.get("spec"))
    notes = annotations_of(entity)
    source = str(notes.get(MANAGED_BY, ""))
    web_source = source.removeprefix("url:") if source.startswith("url:") else ""
    return Presented(
        ref=entity_ref(entity),
        kind=str(entity["kind"]),
        type=text(spec.get("type")),
        namespace=text(metadata.get("namespace")) or "default",
        name=str(metadata["name"]),
        title=text(mapping(spec.get("profile")).get("displayName"))
        or text(metadata.get("title"))
        or str(metadata["name"]),
        description=text(metadata.get("description")).strip(),
        lifecycle=text(spec.get("lifecycle")),
        tags=tuple(one for one in items(metadata.get("tags")) if isinstance(one, str)),
        facts=facts(entity),
        view_url=_external(notes.get(VIEW_URL, web_source)),
        edit_url=_external(notes.get(EDIT_URL, "")),
    )


def facts(entity: Entity) -> tuple[Fact, ...]:
    """Owner, system and the like, where there are any."""
    found = []
    for relation, kind, name in _FACTS:
        if refs := targets(entity, relation, kind=kind):
            found.append(Fact(name, tuple(refs)))
    return tuple(found)


def links(entity: Entity) -> list[Link]:
    """The links of an entity, in their order."""
    found = []
    for item in items(mapping(entity.get("metadata")).get("links")):
        url = text(mapping(item).get("url"))
        if url:
            title = text(item.get("title")) or url
            icon = _LINK_ICONS.get(text(item.get("icon")).lower(), "link")
            found.append(Link(_external(url), title, icon, url))
    return found


def annotations_of(entity: Entity) -> dict[str, Any]:
    return mapping(mapping(entity.get("metadata")).get("annotations"))


def labels_of(entity: Entity) -> dict[str, Any]:
    return mapping(mapping(entity.get("metadata")).get("labels"))


def documentation(entity: Entity) -> bool:
    """Whether pages of documentation belong to the entity."""
    return any(name in annotations_of(entity) for name in DOCUMENTATION)


def errors(entity: Entity) -> list[dict[str, Any]]:
    """The mistakes its status names: each with a message and, where known, field, source, line, column."""
    found = []
    for item in items(mapping(entity.get("status")).get("items")):
        if isinstance(item, dict) and item.get("level") == "error":
            error = mapping(item.get("error"))
            message = text(error.get("message")) or text(item.get("message")) or "No message is given"
            found.append({**error, "message": message})
    return found


def warnings(entity: Entity, exists: Callable[[str], bool]) -> Warnings:
    """What people should know before they trust the page. `exists` tells whether a ref is in the catalog."""
    gone = lost(entity, exists)
    orphan = annotations_of(entity).get(ORPHAN) == "true"
    return Warnings(orphan, len(errors(entity)), tuple(gone[:SHOWN_LOST]), len(gone))


def _external(url: object) -> str:
    """A link that leads out of the portal; a path of ours would mislead there."""
    safe = safe_url(url) if isinstance(url, str) else ""
    return "" if safe.startswith(("/", "#")) else safe
