"""The columns that a table of entities can have: what a cell shows, and what it is sorted by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Entity = Mapping[str, Any]
Values = list[str]
Shape = Literal["name", "text", "lifecycle", "refs", "tags", "prose", "code"]


@dataclass(frozen=True, slots=True)
class Sort:
    """The field that a column is sorted by; only values beginning with `prefix` count."""

    key: str
    prefix: str = ""
    ref: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """`values` gives what an entity has in this column; `shape` says how it is shown."""

    id: str
    title: str
    values: Callable[[Entity], Values]
    shape: Shape = "text"
    sort: Sort | None = None


def _path(*keys: str) -> Callable[[Entity], Values]:
    def values(entity: Entity) -> Values:
        found: Any = entity
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return list(_texts(found))

    return values


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value of an entity, which its author may have given any JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield str(value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _related(relation: str, kind: str = "") -> Callable[[Entity], Values]:
    prefix = f"{kind}:" if kind else ""

    def values(entity: Entity) -> Values:
        found = (one["targetRef"] for one in entity.get("relations") or () if one["type"] == relation)
        return [ref for ref in found if ref.startswith(prefix)]

    return values


def _targets(entity: Entity) -> Values:
    spec = entity.get("spec") or {}
    return [*_texts(spec.get("target")), *_texts(spec.get("targets"))]


def _errors(entity: Entity) -> Values:
    items = (entity.get("status") or {}).get("items") or ()
    return [str(item.get("message", "")) for item in items if isinstance(item, Mapping)]


def _namespace(entity: Entity) -> Values:
    return [entity["metadata"].get("namespace") or "default"]


def _part_of(kind: str) -> Sort:
    return Sort("relations.partof", f"{kind}:", ref=True)


_ALL = (
    Column("name", "Name", _path("metadata", "name"), "name", Sort("metadata.name")),
    Column("kind", "Kind", _path("kind"), sort=Sort("kind")),
    Column("namespace", "Namespace", _namespace, sort=Sort("metadata.namespace")),
    Column("email", "E-mail", _path("spec", "profile", "email"), sort=Sort("spec.profile.email")),
    Column("groups", "Groups", _related("memberOf"), "refs"),
    Column("parent", "Parent", _related("childOf"), "refs", Sort("relations.childof", ref=True)),
    Column("members", "Members", _related("hasMember"), "refs"),
    Column("system", "System", _related("partOf", "system"), "refs", _part_of("system")),
    Column("domain", "Domain", _related("partOf", "domain"), "refs", _part_of("domain")),
    Column("owner", "Owner", _related("ownedBy"), "refs", Sort("relations.ownedby", ref=True)),
    Column("type", "Type", _path("spec", "type"), sort=Sort("spec.type")),
    Column("lifecycle", "Lifecycle", _path("spec", "lifecycle"), "lifecycle", Sort("spec.lifecycle")),
    Column("targets", "Targets", _targets, "code"),
    Column("description", "Description", _path("metadata", "description"), "prose"),
    Column("tags", "Tags", _path("metadata", "tags"), "tags"),
    Column("apis", "Provides", _related("providesApi"), "refs"),
    Column("dependencies", "Depends on", _related("dependsOn"), "refs"),
    Column("errors", "Errors", _errors, "prose"),
)
COLUMNS = {column.id: column for column in _ALL}

_SOFTWARE = ("name", "system", "owner", "type", "lifecycle", "description", "tags")
_DEFAULTS: dict[str, tuple[str, ...]] = {
    "component": _SOFTWARE,
    "api": _SOFTWARE,
    "resource": _SOFTWARE,
    "system": ("name", "domain", "owner", "type", "description", "tags"),
    "domain": ("name", "owner", "type", "description", "tags"),
    "group": ("name", "type", "parent", "description", "tags"),
    "user": ("name", "email", "groups", "description", "tags"),
    "template": ("name", "owner", "type", "description", "tags"),
    "location": ("name", "type", "targets"),
    "all": ("name", "kind", "owner", "type", "lifecycle", "description", "tags"),
}
_OTHERWISE = ("name", "owner", "type", "lifecycle", "description", "tags")
_ONLY = {
    "email": ("user",),
    "groups": ("user",),
    "parent": ("group", "domain"),
    "members": ("group",),
    "targets": ("location",),
    "apis": ("component",),
    "kind": ("all",),
}


def default_columns(kind: str) -> tuple[str, ...]:
    """What is shown of a kind until the visitor chooses. A namespace of note stands beside the name."""
    names = _DEFAULTS.get(kind, _OTHERWISE)
    return tuple(name for name in COLUMNS if name in names)


def columns_for(kind: str) -> tuple[Column, ...]:
    """The columns that can be chosen for a kind: all that some entity of it may fill."""
    return tuple(
        column
        for column in _ALL
        if column.id in default_columns(kind) or kind in _ONLY.get(column.id, (kind, "all"))
    )
