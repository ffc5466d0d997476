"""Reads Plugin and Package of extension catalogs as listings and releases. Pure: one mapping to another.

It takes what real files hold: an author as text or mapping, `support` as text or mapping, versions under
`backstage` or beside it. `docs/reference/marketplace-entities.md` tells of every field what becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.catalog.ingest.contract import Entity
from callboard.marketplace.intake.making import entity, filled, summary
from callboard.marketplace.intake.names import entity_name, publisher_name
from callboard.marketplace.model import CERTIFIED, PUBLISHER_TITLE, PUBLISHER_URL, VERIFIED
from callboard.marketplace.reading import day, mapping, mappings, text, texts

GROUPS = ("extensions.backstage.io", "marketplace.backstage.io")
KINDS = ("Plugin", "PluginCollection", "Package")
REPAIRED = "callboard.io/repaired"
_LEVELS = {
    "ga": "generally-available", "generallyavailable": "generally-available",
    "production": "generally-available",
    "techpreview": "tech-preview", "technology-preview": "tech-preview", "technical-preview": "tech-preview",
    "devpreview": "dev-preview", "developer-preview": "dev-preview",
}  # fmt: skip
LEVELS = ("generally-available", "tech-preview", "dev-preview", "community", "none")


@dataclass(frozen=True, slots=True)
class Part:
    """A package that a plugin names: its npm name, or None when there is no such package."""

    written: str
    npm: str | None


def is_extension(entity: Mapping[str, Any], kind: str = "") -> bool:
    """Whether an entity (JSON, hence Any) is of one of the extension kinds, or of this one."""
    group = text(entity.get("apiVersion")).partition("/")[0]
    own = entity.get("kind")
    return group in GROUPS and (own == kind if kind else own in KINDS)


def listing_of(plugin: Entity, parts: Sequence[Part]) -> Entity:
    """The listing of a Plugin, whose packages are `parts`."""
    metadata, spec = mapping(plugin.get("metadata")), mapping(plugin.get("spec"))
    people = authors(spec)
    publisher, url = _publisher(spec, people)
    notes = mapping(metadata.get("annotations"))
    one_line = text(metadata.get("description"))
    long = text(spec.get("description"))
    npm = list(dict.fromkeys(part.npm for part in parts if part.npm))
    return entity(
        "Listing",
        {
            "name": metadata["name"],
            "namespace": metadata.get("namespace"),
            "title": text(metadata.get("title")) or metadata["name"],
            "description": summary(one_line or long),
            "labels": metadata.get("labels"),
            "tags": metadata.get("tags"),
            "links": metadata.get("links"),
            "annotations": filled(
                {
                    PUBLISHER_TITLE: publisher,
                    PUBLISHER_URL: url,
                    CERTIFIED: _note(notes, "certified-by"),
                    VERIFIED: _note(notes, "verified-by"),
                    "callboard.io/pre-installed": _note(notes, "pre-installed"),
                }
            ),
        },
        {
            "type": text(spec.get("type")) or "plugin",
            "publisher": f"publisher:default/{publisher_name(publisher)}" if publisher else "",
            "lifecycle": text(spec.get("lifecycle")).lower() or "active",
            "description": long if long and long != one_line else one_line,
            "icon": _icon(spec),
            "screenshots": _screenshots(spec),
            "highlights": list(texts(spec.get("highlights"))),
            "categories": list(texts(spec.get("categories") or spec.get("category"))),
            "license": text(spec.get("license")),
            "price": spec.get("price"),
            "support": support(spec.get("support")),
            "installation": text(spec.get("installation")),
            "documentation": _chapters(spec),
            "packages": [{"ecosystem": "npm", "name": name} for name in npm],
            "missingPackages": [part.written for part in parts if part.npm is None],
            "authors": [filled({"name": name, "url": address}) for name, address in people],
            "dependencies": spec.get("dependencies"),
            "mountPoints": spec.get("mountPoints"),
            "related": spec.get("related"),
            "added": _day(mapping(spec.get("history")).get("added")),
            "source": {"type": "extensions", "ref": _ref("plugin", metadata)},
        },
    )


def releases_of(package: Entity, listings: Sequence[str]) -> list[Entity]:
    """The release that a Package is, once for each listing (a reference) that it is a part of."""
    metadata, spec = mapping(package.get("metadata")), mapping(package.get("spec"))
    inner = mapping(spec.get("backstage"))
    name, version = npm_name(package), text(spec.get("version"))
    if not name or not version:
        return []
    found = []
    for at, listing in enumerate(listings):
        own = f"{metadata['name']}-{version}"
        if at:
            own += f".{listing.rpartition('/')[2]}"
        found.append(
            entity(
                "Release",
                {
                    "name": entity_name(own),
                    "namespace": metadata.get("namespace"),
                    "title": f"{text(metadata.get('title')) or name} {version}",
                    "description": summary(text(metadata.get("description"))),
                    "tags": metadata.get("tags"),
                    "links": metadata.get("links"),
                },
                {
                    "listing": listing,
                    "package": {"ecosystem": "npm", "name": name},
                    "version": version,
                    "date": _day(spec.get("date") or spec.get("released")),
                    "artefact": filled(
                        {"url": text(spec.get("dynamicArtifact")), "integrity": text(spec.get("integrity"))}
                    ),
                    "supports": filled(
                        {"backstage": text(inner.get("supportedVersions") or spec.get("supportedVersions"))}
                    ),
                    "role": text(inner.get("role") or spec.get("role")),
                    "lifecycle": text(spec.get("lifecycle")).lower(),
                    "support": support(spec.get("support")),
                    "authors": [filled({"name": one, "url": url}) for one, url in authors({**inner, **spec})],
                    "owner": text(spec.get("owner")),
                    "configExamples": list(mappings(spec.get("appConfigExamples"))),
                    "configNotRequired": spec.get("appConfigNotRequired"),
                    "source": {"type": "extensions", "ref": _ref("package", metadata)},
                },
            )
        )
    return found


def named_packages(plugin: Entity) -> tuple[str, ...]:
    """The packages that a Plugin names, each as written: as text, or as a mapping with `name`."""
    return _named(mapping(plugin.get("spec")).get("packages"))


def named_plugins(entity: Entity) -> tuple[str, ...]:
    """The plugins that a Package is a part of, or that a collection holds."""
    spec = mapping(entity.get("spec"))
    return _named(spec.get("partOf") if entity.get("kind") == "Package" else spec.get("plugins"))


def npm_name(package: Entity) -> str:
    return text(mapping(package.get("spec")).get("packageName"))


def support(value: Any) -> dict[str, str]:
    """Provider and level; older files have the level alone, as text."""
    given = mapping(value)
    level = text(given.get("level")) if given else text(value)
    level = re.sub(r"[\s_]+", "-", level.lower())
    return filled(
        {
            "provider": text(given.get("provider") or given.get("name")),
            "level": _LEVELS.get(level, level),
            "contact": text(given.get("contact") or given.get("url")),
        }
    )


def authors(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and address of everyone who wrote it, from `author` and `authors`, texts or mappings."""
    found: dict[str, str] = {}
    for value in (spec.get("author"), spec.get("authors")):
        for one in value if isinstance(value, list) else [value]:
            given = mapping(one)
            name = text(given.get("name")) if given else text(one)
            if name:
                found[name] = found.get(name) or text(given.get("url"))
    return list(found.items())


def _publisher(spec: Mapping[str, Any], people: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Name and address: who it says publishes it, else the first who wrote it."""
    given = spec.get("publisher")
    name = text(mapping(given).get("name")) or text(given)
    if not name:
        return people[0] if people else ("", "")
    return name, text(mapping(given).get("url")) or dict(people).get(name, "")


def _icon(spec: Mapping[str, Any]) -> str:
    given = text(spec.get("icon"))
    assets = [one for one in mappings(spec.get("assets")) if text(one.get("type")) == "icon"]
    return given or next((address for one in assets if (address := _asset(one))), "")


def _screenshots(spec: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [*mappings(spec.get("screenshots"))]
    shots = [
        filled(
            {"url": text(one.get("url")), "alt": text(one.get("alt")), "caption": text(one.get("caption"))}
        )
        for one in found
    ]
    for one in mappings(spec.get("assets")):
        if text(one.get("type")) == "image" and (address := _asset(one)):
            name = text(one.get("filename")).rpartition("/")[2].rpartition(".")[0]
            shots.append(filled({"url": address, "alt": name}))
    return shots


_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
          "gif": "image/gif", "webp": "image/webp"}  # fmt: skip


def _asset(one: Mapping[str, Any]) -> str:
    """The picture itself where the file holds it, else where it lies."""
    data = text(one.get("encodedData"))
    if data.startswith("data:"):
        return data
    kind = _TYPES.get(text(one.get("filename")).rpartition(".")[2].lower())
    if data and kind:
        return f"data:{kind};base64,{data}"
    return text(one.get("originUri"))


def _chapters(spec: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        filled(
            {
                "type": text(one.get("type")),
                "title": text(one.get("tabTitle")) or text(one.get("title")) or text(one.get("type")).title(),
                "markdown": text(one.get("markdown")),
            }
        )
        for one in mappings(spec.get("documentation"))
    ]


def _named(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    found = (text(mapping(one).get("name")) or text(one) for one in items)
    return tuple(dict.fromkeys(one for one in found if one))


def _note(notes: Mapping[str, Any], name: str) -> str:
    return next((text(notes[f"{group}/{name}"]) for group in GROUPS if f"{group}/{name}" in notes), "")


def _day(value: Any) -> str:
    found = day(value)
    return found.isoformat() if found else ""


def _ref(kind: str, metadata: Mapping[str, Any]) -> str:
    return f"{kind}:{metadata.get('namespace') or 'default'}/{metadata['name']}".lower()
