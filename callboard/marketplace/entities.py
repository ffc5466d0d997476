"""Reads the entities Listing, Release, Publisher and PluginCollection as the values of `model`.

Reading never fails: whatever a field holds that it should not is taken as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.marketplace.model import (
    CERTIFIED,
    PUBLISHER_TITLE,
    VERIFIED,
    Artefact,
    Chapter,
    Collection,
    Domain,
    Entity,
    Link,
    Listing,
    Member,
    Need,
    PackageName,
    Person,
    Picture,
    Price,
    Publisher,
    Release,
    Support,
    Yanked,
)
from callboard.marketplace.reading import (
    day,
    mapping,
    mappings,
    ref_in,
    refs_in,
    safe_icon,
    text,
    texts,
    whole,
)
from callboard.marketplace.reading import web_url as url_of


def read_listing(entity: Entity) -> Listing:
    """A listing from an entity of the kind Listing."""
    metadata, spec = mapping(entity.get("metadata")), mapping(entity.get("spec"))
    namespace, name = _names(metadata)
    notes = mapping(metadata.get("annotations"))
    price, support, source = (mapping(spec.get(key)) for key in ("price", "support", "source"))
    given = spec.get("support")
    publisher = ref_in(spec.get("publisher"), "publisher", "default")
    taken = spec.get("takenDown")
    return Listing(
        ref=f"listing:{namespace}/{name}".lower(),
        namespace=namespace,
        name=name,
        title=text(metadata.get("title")) or name,
        summary=text(metadata.get("description")),
        type=text(spec.get("type")) or "plugin",
        publisher=publisher,
        publisher_title=text(notes.get(PUBLISHER_TITLE)) or publisher.rpartition("/")[2],
        lifecycle=text(spec.get("lifecycle")).lower() or "active",
        description=text(spec.get("description")),
        icon=safe_icon(spec.get("icon")),
        icon_url=url_of(spec.get("icon"), schemes=("https",)),
        screenshots=tuple(
            Picture(address, text(one.get("alt")), text(one.get("caption")))
            for one in mappings(spec.get("screenshots"))
            if (address := safe_icon(one.get("url")) or _picture_address(one.get("url")))
        ),
        highlights=texts(spec.get("highlights")),
        categories=texts(spec.get("categories")),
        tags=texts(metadata.get("tags")),
        license=text(spec.get("license")),
        price=Price(text(price.get("model")), text(price.get("text")), url_of(price.get("url"))),
        support=Support(
            text(support.get("provider")),
            text(support.get("level")) or text(given),
            text(support.get("contact")),
        ),
        installation=text(spec.get("installation")),
        documentation=tuple(
            Chapter(text(one.get("type")), text(one.get("title")), text(one.get("markdown")))
            for one in mappings(spec.get("documentation"))
            if text(one.get("markdown"))
        ),
        packages=tuple(_package(one) for one in mappings(spec.get("packages")) if text(one.get("name"))),
        missing_packages=texts(spec.get("missingPackages")),
        authors=tuple(
            Person(text(one.get("name")), url_of(one.get("url")))
            for one in mappings(spec.get("authors"))
            if text(one.get("name"))
        ),
        related=refs_in(spec.get("related"), "listing", namespace),
        added=day(spec.get("added")),
        source_type=text(source.get("type")),
        source_ref=text(source.get("ref")),
        replaced_by=ref_in(spec.get("replacedBy"), "listing", namespace),
        taken_down=None if not taken else text(mapping(taken).get("reason")),
        links=_links(metadata),
        certified_by=text(notes.get(CERTIFIED)),
        verified_by=text(notes.get(VERIFIED)),
        lifecycle_from=text(mapping(spec.get("lifecycleFrom")).get("by")),
        newest_published=day(mapping(spec.get("lifecycleFrom")).get("newest")),
        deprecated_reason=text(mapping(spec.get("deprecated")).get("reason")),
    )


def read_release(entity: Entity) -> Release:
    """A release from an entity of the kind Release."""
    metadata, spec = mapping(entity.get("metadata")), mapping(entity.get("spec"))
    namespace, name = _names(metadata)
    artefact, supports = mapping(spec.get("artefact")), mapping(spec.get("supports"))
    package, yanked = spec.get("package"), spec.get("yanked")
    schema = spec.get("configSchema")
    return Release(
        ref=f"release:{namespace}/{name}".lower(),
        listing=ref_in(spec.get("listing"), "listing", namespace),
        package=_package(mapping(package)) if text(mapping(package).get("name")) else None,
        version=text(spec.get("version")),
        date=day(spec.get("date")),
        artefact=Artefact(
            text(artefact.get("url")),
            text(artefact.get("sha256")),
            whole(artefact.get("size")),
            text(artefact.get("attestation")),
            text(mapping(artefact.get("attested")).get("state")),
            text(mapping(artefact.get("attested")).get("by")),
        ),
        supports_callboard=text(supports.get("callboard")),
        supports_backstage=text(supports.get("backstage")),
        role=text(spec.get("role")),
        changelog=text(spec.get("changelog")),
        contributions=mappings(spec.get("contributions")),
        needs=tuple(
            Need(text(one.get("name")), text(one.get("why")))
            for one in mappings(spec.get("needs"))
            if text(one.get("name"))
        ),
        plugin=text(spec.get("plugin")),
        config_key=text(spec.get("configKey")),
        config_schema=schema if isinstance(schema, dict) else None,
        config_examples=mappings(spec.get("configExamples")),
        yanked=Yanked(text(mapping(yanked).get("at")), text(mapping(yanked).get("reason")))
        if yanked
        else None,
        needs_no_config=spec.get("configNotRequired") is True,
    )


def read_publisher(entity: Entity) -> Publisher:
    """A publisher from an entity of the kind Publisher."""
    metadata, spec = mapping(entity.get("metadata")), mapping(entity.get("spec"))
    namespace, name = _names(metadata)
    return Publisher(
        ref=f"publisher:{namespace}/{name}".lower(),
        namespace=namespace,
        name=name,
        title=text(metadata.get("title")) or name,
        summary=text(metadata.get("description")),
        type=text(spec.get("type")) or "community",
        url=url_of(spec.get("url")),
        domains=tuple(
            Domain(text(one.get("name")), text(one.get("verifiedAt")))
            for one in mappings(spec.get("domains"))
            if text(one.get("name"))
        ),
        members=tuple(
            Member(ref_in(one.get("user"), "user", "default"), text(one.get("role")))
            for one in mappings(spec.get("members"))
            if text(one.get("user"))
        ),
        contact=text(spec.get("contact")),
        about=text(spec.get("about")),
        links=_links(metadata),
    )


def read_collection(entity: Entity) -> Collection:
    """A collection from an entity of the kind PluginCollection."""
    metadata, spec = mapping(entity.get("metadata")), mapping(entity.get("spec"))
    namespace, name = _names(metadata)
    return Collection(
        ref=f"plugincollection:{namespace}/{name}".lower(),
        namespace=namespace,
        name=name,
        title=text(metadata.get("title")) or name,
        summary="" if text(metadata.get("description")) == "TODO" else text(metadata.get("description")),
        type=text(spec.get("type")) or "curated",
        wanted=refs_in(spec.get("plugins"), "listing", namespace),
        filter=tuple(_flat(mapping(spec.get("filter")))),
        tags=texts(metadata.get("tags")),
    )


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, tuple[str, ...]]]:
    """`{metadata: {tags: cicd}}` as `(metadata.tags, (cicd,))`."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for key, one in value.items():
        if isinstance(one, dict):
            found += _flat(one, f"{prefix}{key}.")
        else:
            wanted = texts(one if isinstance(one, list) else [one])
            found.append((f"{prefix}{key}", wanted))
    return found


def _names(metadata: Mapping[str, Any]) -> tuple[str, str]:
    return text(metadata.get("namespace")) or "default", text(metadata.get("name"))


def _package(value: Mapping[str, Any]) -> PackageName:
    return PackageName(text(value.get("ecosystem")) or "npm", text(value.get("name")))


def _picture_address(value: Any) -> str:
    """An https address, or a path of this portal (as the desk keeps pictures)."""
    path = text(value)
    if path.startswith("/") and not path.startswith("//"):
        return path
    return url_of(value, schemes=("https",))


_KINDS = (
    ("issue", "issues"), ("bug", "issues"), ("support", "support"), ("source", "source"), ("code", "source"),
    ("repository", "source"), ("doc", "docs"), ("readme", "docs"), ("changelog", "changelog"),
    ("change log", "changelog"), ("release notes", "changelog"), ("home", "home"), ("website", "home"),
)  # fmt: skip


def _links(metadata: Mapping[str, Any]) -> tuple[Link, ...]:
    found = []
    for one in mappings(metadata.get("links")):
        address = url_of(one.get("url"), schemes=("http", "https", "mailto"))
        if address:
            title = text(one.get("title"))
            low = f"{text(one.get('type'))} {title}".lower()
            kind = next((kind for word, kind in _KINDS if word in low), "")
            found.append(Link(address, title or address, kind))
    return tuple(found)
