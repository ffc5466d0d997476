"""The relations of an entity as people read them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callboard.model.refs import kind_of
from callboard.web.contributions import Entity

# Said after the entity's own name: "Ticket shop" / "Depends on". Unknown types are said by their words.
_SAID = {
    "ownedBy": "Owned by",
    "ownerOf": "Owner of",
    "partOf": "Part of",
    "hasPart": "Has parts",
    "dependsOn": "Depends on",
    "dependencyOf": "Needed by",
    "providesApi": "Provides API",
    "apiProvidedBy": "Provided by",
    "consumesApi": "Consumes API",
    "apiConsumedBy": "Consumed by",
    "parentOf": "Parent of",
    "childOf": "Child of",
    "memberOf": "Member of",
    "hasMember": "Has members",
}
_ORDER = {kind: place for place, kind in enumerate(_SAID)}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+")


@dataclass(frozen=True, slots=True)
class Group:
    """The relations of one type. `refs` are those shown, `total` counts all.

    `title` is ours, and can be translated, when `known`; else it comes from a descriptor.
    """

    type: str
    title: str
    known: bool
    refs: tuple[str, ...]
    total: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.refs)


def say(relation: str) -> str:
    """A relation's type in words: `dependsOn` as "Depends on", `routesTo` as "Routes to"."""
    if relation in _SAID:
        return _SAID[relation]
    words = " ".join(word for word in _WORDS.split(relation) if word).lower()
    return words[:1].upper() + words[1:] or relation


def targets(entity: Entity, *types: str, kind: str = "") -> list[str]:
    """The refs that relations of these types lead to, each once; with `kind` (lower case) only of it."""
    found = (ref for relation, ref in pairs(entity) if relation in types)
    return [ref for ref in dict.fromkeys(found) if not kind or kind_of(ref) == kind]


def pairs(entity: Entity) -> Iterable[tuple[str, str]]:
    """Type and target of each relation."""
    for relation in entity.get("relations") or ():
        yield relation["type"], relation["targetRef"]


def grouped(entity: Entity, limit: int, whole: str = "") -> list[Group]:
    """By type in the order people ask for them; at most `limit` of each, but all of the type `whole`."""
    by_type: dict[str, list[str]] = {}
    for relation, ref in pairs(entity):
        by_type.setdefault(relation, []).append(ref)
    types = sorted(by_type, key=lambda one: (_ORDER.get(one, len(_ORDER)), one))
    return [
        _group(one, _SAID.get(one, ""), say(one), by_type[one], limit if one != whole else None)
        for one in types
    ]


def parts(entity: Entity, limit: int, kind_name: Callable[[str], str]) -> list[Group]:
    """What an entity has as parts, by kind; `type` of each group is the kind.

    `kind_name` gives the kind of a ref as its descriptor writes it, for kinds that nobody gave a plural.
    """
    by_kind: dict[str, list[str]] = {}
    for ref in targets(entity, "hasPart"):
        by_kind.setdefault(kind_of(ref), []).append(ref)
    own = str(entity["kind"]).lower()
    return [
        _group(kind, _part_title(kind, own), kind_name(refs[0]), refs, limit)
        for kind, refs in sorted(by_kind.items(), key=_by_kind)
    ]


_KINDS = {
    "domain": "Domains",
    "system": "Systems",
    "component": "Components",
    "api": "APIs",
    "resource": "Resources",
}


def _by_kind(item: tuple[str, list[str]]) -> tuple[int, str]:
    kinds = list(_KINDS)
    return (kinds.index(item[0]) if item[0] in _KINDS else len(kinds), item[0])


def _part_title(kind: str, own: str) -> str:
    if kind == own and kind in ("component", "domain", "system"):
        return f"Sub{_KINDS[kind].lower()}"
    return _KINDS.get(kind, "")


def _group(type: str, ours: str, theirs: str, refs: list[str], limit: int | None) -> Group:
    return Group(type, ours or theirs, bool(ours), tuple(refs[:limit]), len(refs))


def lost(entity: Entity, exists: Callable[[str], bool]) -> list[str]:
    """The refs that relations name and that are in no catalog, each once."""
    return [ref for ref in dict.fromkeys(ref for _, ref in pairs(entity)) if not exists(ref)]
