"""What pages show of the Marketplace: frozen values read from the entities Listing, Release and Publisher.

Reading never fails: whatever a field holds that it should not is taken as absent. Texts are as their authors
wrote them, so whoever shows them escapes or sanitizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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
from callboard.marketplace.versions import Order, version_order

API_VERSION = "callboard.io/v1alpha1"
PUBLISHER_TITLE = "callboard.io/publisher-title"
"""Annotation of a listing: the publisher's name as its source writes it."""
PUBLISHER_URL = "callboard.io/publisher-url"
CERTIFIED = "callboard.io/certified-by"
VERIFIED = "callboard.io/verified-by"

Entity = Mapping[str, Any]
"""JSON, hence Any."""


@dataclass(frozen=True, slots=True)
class Link:
    """`kind` is the type that its source gives, such as docs, source, issues or changelog; or empty."""

    url: str
    title: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """`model` is free, included, contact, or empty when nothing is known."""

    model: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """`level` is generally-available, tech-preview, dev-preview, community, none, or empty."""

    provider: str = ""
    level: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the documentation; `type` is about, usage, installation, configuration or empty."""

    type: str
    title: str
    markdown: str


@dataclass(frozen=True, slots=True)
class PackageName:
    """`ecosystem` is npm (for Backstage) or pypi (for Callboard)."""

    ecosystem: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote something; `url` may be empty."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """`icon` is a data URI that may stand in the `src` of an image, never in the page; empty without one.

    `publisher`, `related` and `replaced_by` are references in lower case.
    """

    ref: str
    namespace: str
    name: str
    title: str
    summary: str
    type: str
    publisher: str
    publisher_title: str
    lifecycle: str
    description: str
    icon: str
    icon_url: str
    """An https address of the icon, when its source gives one instead; showing it asks a third party."""
    screenshots: tuple[Picture, ...]
    highlights: tuple[str, ...]
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    license: str
    price: Price
    support: Support
    installation: str
    documentation: tuple[Chapter, ...]
    packages: tuple[PackageName, ...]
    missing_packages: tuple[str, ...]
    authors: tuple[Person, ...]
    related: tuple[str, ...]
    added: date | None
    source_type: str
    source_ref: str
    replaced_by: str
    taken_down: str | None
    """The reason; None while it is shown."""
    links: tuple[Link, ...]
    certified_by: str
    verified_by: str

    @property
    def path(self) -> str:
        return f"/marketplace/plugins/{self.namespace}/{self.name}"

    @property
    def ecosystems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.ecosystem for one in self.packages))

    def link(self, kind: str) -> Link | None:
        """The first link of a kind: docs, source, issues, changelog or home."""
        return next((one for one in self.links if one.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Need:
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """`size` is in bytes."""

    url: str = ""
    sha256: str = ""
    size: int | None = None
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class Yanked:
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """`contributions`, `config_schema` and `config_examples` are JSON (hence Any) as manifests hold it."""

    ref: str
    listing: str
    package: PackageName | None
    version: str
    date: date | None
    artefact: Artefact
    supports_callboard: str
    supports_backstage: str
    role: str
    changelog: str
    contributions: tuple[Mapping[str, Any], ...]
    needs: tuple[Need, ...]
    plugin: str
    config_key: str
    config_schema: Mapping[str, Any] | None
    config_examples: tuple[Mapping[str, Any], ...]
    yanked: Yanked | None

    @property
    def order(self) -> Order:
        """Compares releases; the newer is the greater."""
        return version_order(self.version)

    @property
    def prerelease(self) -> bool:
        return self.order.is_prerelease


@dataclass(frozen=True, slots=True)
class Member:
    user: str
    role: str


@dataclass(frozen=True, slots=True)
class Domain:
    """`verified_at` is empty until the publisher proved that the domain is theirs."""

    name: str
    verified_at: str = ""


@dataclass(frozen=True, slots=True)
class Publisher:
    """`type` is first-party, verified-partner or community."""

    ref: str
    namespace: str
    name: str
    title: str
    summary: str
    type: str
    url: str
    domains: tuple[Domain, ...]
    members: tuple[Member, ...]
    contact: str
    about: str
    links: tuple[Link, ...]

    @property
    def path(self) -> str:
        return f"/marketplace/publishers/{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Collection:
    """`wanted` are the references it names itself, `filter` chooses more; the shelf finds its members."""

    ref: str
    namespace: str
    name: str
    title: str
    summary: str
    type: str
    wanted: tuple[str, ...]
    filter: tuple[tuple[str, tuple[str, ...]], ...]
    tags: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/marketplace/collections/{self.namespace}/{self.name}"


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
