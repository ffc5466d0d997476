"""References to entities (`component:default/lamp`) and to places (`url:https://…`): parse, print, compare.

Rules: contract notes A3. Comparison ignores case everywhere, because Backstage stores references lower-cased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from callboard.core.errors import InputError
from callboard.model.urls import scheme

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True, eq=False)
class EntityRef:
    """The identity of an entity. Keeps the case it was written in; prints and compares in lower case."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}".lower()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EntityRef) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def parse_ref(
    text: str, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
) -> EntityRef:
    """Read `[kind:][namespace/]name`; raises InputError for an empty part or a kind nobody gave.

    A slash before a colon means that the colon belongs to the name: `a/b:c` is the name `b:c` in `a`.
    """
    if not isinstance(text, str):
        raise InputError(f"an entity reference must be a string but is {type(text).__name__}")
    slash = text.find("/")
    colon = text.find(":")
    if -1 < slash < colon:
        colon = -1
    kind = default_kind if colon < 0 else text[:colon]
    namespace = default_namespace if slash < 0 else text[colon + 1 : slash]
    name = text[max(colon, slash) + 1 :]
    if kind == "" or namespace == "" or name == "":
        raise InputError(f'the entity reference "{text}" has an empty part; write [kind:][namespace/]name')
    if kind is None:
        raise InputError(
            f'the entity reference "{text}" needs a kind in front, for example "component:{text}"'
        )
    return EntityRef(kind, namespace, name)


@lru_cache(maxsize=65536)
def resolve_ref(text: str, default_kind: str | None, default_namespace: str) -> str:
    """`str(parse_ref(…))`, remembered: the same few owners and systems recur in thousands of entities."""
    return str(parse_ref(text, default_kind, default_namespace))


def entity_ref(entity: Mapping[str, Any]) -> str:
    """The reference of an entity whose envelope is known to be valid."""
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata.get('namespace') or DEFAULT_NAMESPACE}/{metadata['name']}".lower()


def kind_of(ref: str) -> str:
    """The kind, in lower case, that a full reference begins with."""
    return ref.partition(":")[0].lower()


@dataclass(frozen=True, slots=True)
class LocationRef:
    """A place that entities are read from: how to read it, and where it is."""

    type: str
    target: str

    def __str__(self) -> str:
        return f"{self.type}:{self.target}"


def parse_location_ref(text: str) -> LocationRef:
    """Read `<type>:<target>`; raises InputError for a missing part, a bare web address or a script."""
    if not isinstance(text, str):
        raise InputError(f"a location reference must be a string but is {type(text).__name__}")
    kind, colon, target = (part.strip() for part in text.partition(":"))
    if not colon or not kind or not target:
        raise InputError(f'the location reference "{text}" must have the form <type>:<target>')
    if kind.lower() in ("http", "https"):
        raise InputError(f'the location reference "{text}" lacks its type; write "url:{text.strip()}"')
    if "javascript" in (kind.lower(), scheme(target)):
        raise InputError(f'the location reference "{text}" is refused because it would run a script')
    return LocationRef(kind, target)
