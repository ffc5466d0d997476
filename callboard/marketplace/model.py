"""What pages show of the Marketplace: frozen values, which `entities` reads from the catalog.

Texts are as their authors wrote them, so whoever shows them escapes or sanitizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    lifecycle_from: str = ""
    """What told the lifecycle of a listing of the open directory: publishing, missing, file; else empty."""
    newest_published: date | None = None
    """When the newest version was published, where the lifecycle was told by that."""
    deprecated_reason: str = ""

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
    """`size` is in bytes. `attestation` is where the provenance is, `attested` verified, stated or empty."""

    url: str = ""
    sha256: str = ""
    size: int | None = None
    attestation: str = ""
    attested: str = ""
    attested_by: str = ""


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
    needs_no_config: bool = False
    """Whether its source says that nothing has to be configured."""

    @property
    def order(self) -> Order:
        """Compares releases; the newer is the greater."""
        return version_order(self.version)

    @property
    def prerelease(self) -> bool:
        return self.order.is_prerelease


def installable(releases: Iterable[Release]) -> Release | None:
    """The first that is not yanked, a pre-release only when there is nothing else; the newest come first."""
    usable = [one for one in releases if one.yanked is None]
    return next((one for one in usable if not one.prerelease), usable[0] if usable else None)


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
