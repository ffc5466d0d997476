"""The entities of what is published, from the desk's records. Pure; design page 0007 tells their shapes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from callboard.catalog.ingest.contract import LOCATION, ORIGIN
from callboard.marketplace.desk.records import Domain, Listing, Member, Publisher, Release

Entity = dict[str, Any]
"""JSON, hence Any."""
API_VERSION = "callboard.io/v1alpha1"
ARTEFACTS = "/api/marketplace/artefacts"
LISTINGS = "/api/marketplace/listings"
PLACE = "marketplace-desk:"
"""What the location of each entity of the desk begins with."""
_UNNAMED = re.compile(r"[^A-Za-z0-9._-]+")


def publisher_entity(one: Publisher, domains: Sequence[Domain], members: Sequence[Member]) -> Entity:
    """Domains that are proved only; a claim is nobody's concern."""
    spec = _given(
        type=one.type,
        url=one.url,
        domains=[
            {"name": each.name, "verifiedAt": moment(each.verified_at)}
            for each in domains
            if each.verified_at
        ],
        members=[{"user": each.member, "role": each.role} for each in members],
        contact=one.contact,
        about=one.about,
    )
    return _entity("Publisher", one.name, one.title, spec)


def listing_entity(one: Listing, icon: tuple[str, bytes] | None) -> Entity:
    """`icon` is its media type and content."""
    fields = one.fields
    spec = _given(
        type="plugin",
        publisher=f"publisher:default/{one.publisher}",
        lifecycle=one.lifecycle,
        description=fields.get("description"),
        icon=None if icon is None else f"data:{icon[0]};base64,{base64.b64encode(icon[1]).decode()}",
        screenshots=[
            {
                "url": artefact_path(each["sha256"], each["filename"]),
                "alt": each.get("alt", ""),
                "caption": each.get("caption", ""),
            }
            for each in one.pictures.get("screenshots", ())
        ],
        highlights=fields.get("highlights"),
        categories=fields.get("categories"),
        license=fields.get("license"),
        price=_given(**fields.get("price", {})),
        support=_given(**fields.get("support", {})),
        installation=fields.get("installation"),
        documentation=_chapters(fields),
        packages=[{"ecosystem": "pypi", "name": one.distribution}],
        related=fields.get("related"),
        added=day(one.added_at),
        source={"type": "submission", "ref": f"marketplace:{one.name}"},
        replacedBy=one.replaced_by or None,
        deprecated={"reason": one.deprecated_reason} if one.deprecated_reason else None,
        takenDown={"reason": one.taken_down} if one.taken_down else None,
    )
    made = _entity("Listing", one.name, one.title, spec)
    made["metadata"] |= _given(
        description=fields.get("summary"), tags=fields.get("tags"), links=fields.get("links")
    )
    return made


def _chapters(fields: Entity) -> list[Entity]:
    """The README of the newest wheel, then what the publisher wrote beside it."""
    readme = fields.get("readme")
    first = [{"type": "about", "title": "README", "markdown": readme}] if readme else []
    return [*first, *(_given(**one) for one in fields.get("documentation", ()))]


def release_entity(one: Release, listing: Listing) -> Entity:
    manifest = one.manifest
    config = manifest.get("config")
    spec = _given(
        listing=f"listing:default/{one.listing}",
        package={"ecosystem": "pypi", "name": one.distribution},
        version=one.version,
        date=moment(one.released_at),
        artefact={
            "url": artefact_path(one.sha256, one.filename),
            "sha256": one.sha256,
            "size": one.size,
            **(_attested(one) if one.attested else {}),
        },
        supports=one.supports,
        role="plugin",
        changelog=one.changelog,
        contributions=manifest.get("contributions"),
        needs=manifest.get("needs"),
        plugin=manifest.get("id"),
        configSchema=config["schema"] if config else None,
        yanked={"at": moment(one.yanked_at), "reason": one.yanked_reason} if one.yanked_at else None,
    )
    return _entity("Release", release_name(one), f"{listing.title} {one.version}", spec)


def provenance_path(one: Release) -> str:
    """Where the statements about who built a release are."""
    return f"{LISTINGS}/{quote(one.listing, safe='')}/releases/{quote(one.version, safe='')}/provenance"


def _attested(one: Release) -> Entity:
    return {
        "attestation": provenance_path(one),
        "attested": {"state": one.attested["state"], "by": attested_by(one.attested)},
    }


def attested_by(attested: Entity) -> str:
    """Who built it, in a line: the repository and the workflow, or the identity, of its certificate."""
    publisher = attested["publisher"]
    if "workflow" in publisher and "repository" in publisher:
        return f"{publisher['repository']}, {publisher['workflow']}"
    return str(publisher.get("repository") or publisher.get("identity") or "")


def release_name(one: Release) -> str:
    """A name that an entity can have: versions may hold other letters, and be long."""
    name = _UNNAMED.sub("-", f"{one.listing}-{one.version}").strip("-._")
    if len(name) <= 63 and name == f"{one.listing}-{one.version}":
        return name
    return (
        f"{name[:50].strip('-._')}-{hashlib.sha256(f'{one.listing} {one.version}'.encode()).hexdigest()[:12]}"
    )


def artefact_path(sha256: str, filename: str) -> str:
    return f"{ARTEFACTS}/{sha256}/{quote(filename, safe='')}"


def moment(seconds: float | None) -> str | None:
    """ISO 8601 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _entity(kind: str, name: str, title: str, spec: Entity) -> Entity:
    place = f"{PLACE}{kind.lower()}/{name}"
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "name": name,
            "title": title,
            "annotations": {LOCATION: place, ORIGIN: place},
        },
        "spec": spec,
    }


def _given(**values: Any) -> Entity:
    """Without what is empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
