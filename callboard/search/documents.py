"""What can be found: the shape of a document, and the document of an entity.

The fields of an entity's document are those of Backstage's catalog collator (contract note C9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from callboard.core.errors import InputError
from callboard.model.refs import DEFAULT_NAMESPACE, entity_ref, resolve_ref

ENTITIES = "software-catalog"
"""The type of the documents of entities."""


@dataclass(frozen=True, slots=True)
class Document:
    """`title`, `text` and `location` are plain text and a path or web address; `key` is unique in a type.

    `fields` are shown to clients beside these and can be filtered by. `names`, `titles` and `tags` rank like
    the name, the title and the tags of an entity. `ref` is the entity whose visibility decides about this
    document's, None when everybody may see it. `filters` are further values to filter by, not shown. Of
    documents that match equally well the `prominent` come first.
    """

    type: str
    title: str
    text: str
    location: str
    key: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    ref: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prominent: bool = True

    def shown(self) -> dict[str, Any]:
        """As clients of Backstage's API read it."""
        return {**self.fields, "title": self.title, "text": self.text, "location": self.location}

    def stored(self) -> bytes:
        """What the index gives back with a hit."""
        return orjson.dumps(
            [
                self.type,
                self.title,
                self.text,
                self.location,
                self.key,
                dict(self.fields),
                self.names,
                self.titles,
                self.tags,
                self.ref,
            ]
        )


def from_stored(stored: bytes) -> Document:
    """The document again; what only ranks or filters is not kept."""
    type, title, text, location, key, fields, names, titles, tags, ref = orjson.loads(stored)
    return Document(type, title, text, location, key, fields, tuple(names), tuple(titles), tuple(tags), ref)


def entity_document(entity: Mapping[str, Any]) -> Document:
    """The document of a final entity."""
    metadata, spec = entity["metadata"], entity.get("spec") or {}
    ref = entity_ref(entity)
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    owner = _owner(entity, spec, namespace)
    type = str(spec.get("type") or "other")
    profile = spec.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    shown_name, email = _text(profile.get("displayName")), _text(profile.get("email"))
    return Document(
        type=ENTITIES,
        title=_text(metadata.get("title")) or metadata["name"],
        text=" : ".join(part for part in (shown_name, _text(metadata.get("description")), email) if part),
        location=f"/catalog/{quote(namespace)}/{quote(kind)}/{quote(name)}",
        key=ref,
        fields={
            "kind": entity["kind"],
            "type": type,
            "componentType": type,
            "lifecycle": _text(spec.get("lifecycle")),
            "owner": readable_ref(owner) if owner else "",
            "namespace": metadata.get("namespace") or DEFAULT_NAMESPACE,
        },
        names=(metadata["name"],),
        titles=(shown_name,) if shown_name else (),
        tags=tuple(str(tag) for tag in metadata.get("tags") or ()),
        ref=ref,
        filters={"owner": (owner,) if owner else (), "name": (metadata["name"],)},
        prominent=kind != "location",
    )


def readable_ref(ref: str) -> str:
    """An owner as people write it: `team-a`, `finance/team-b`, `user:ada`."""
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    short = name if namespace == DEFAULT_NAMESPACE else rest
    return short if kind == "group" else f"{kind}:{short}"


def _owner(entity: Mapping[str, Any], spec: Mapping[str, Any], namespace: str) -> str:
    for relation in entity.get("relations") or ():
        if relation.get("type") == "ownedBy":
            return str(relation["targetRef"])
    owner = spec.get("owner")
    if not isinstance(owner, str) or not owner:
        return ""
    try:
        return resolve_ref(owner, "group", namespace)
    except InputError:
        return ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
