"""A portal that one signs in to, with a public site and a small shelf."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callboard.testing.portal import PortalUnderTest, opened

URL = "https://market.example"
CONFIG: dict[str, Any] = {
    "app": {"baseUrl": "http://portal.example"},
    "auth": {"environment": "development", "providers": {"guest": {}}},
    "permission": {"enabled": True, "roles": {"admins": ["user:default/admin"]}},
    "marketplace": {"public": {"enabled": True, "url": URL, "title": "Harbour Market"}},
}


def listing(name: str, **spec: Any) -> dict[str, Any]:
    """A listing; `title`, `description`, `tags` and `links` go to its metadata."""
    metadata: dict[str, Any] = {"name": name}
    for key in ("title", "tags", "links"):
        if key in spec:
            metadata[key] = spec.pop(key)
    metadata["description"] = spec.pop("summary", f"What {name} does.")
    given = {"type": "plugin", "publisher": "harbour", "lifecycle": "active", **spec}
    return {"apiVersion": "callboard.io/v1alpha1", "kind": "Listing", "metadata": metadata, "spec": given}


def release(of: str, version: str, **spec: Any) -> dict[str, Any]:
    package = {"ecosystem": "pypi", "name": of}
    given = {"listing": of, "version": version, "package": package, "date": "2026-05-01", **spec}
    metadata = {"name": f"{of}-{version}"}
    return {"apiVersion": "callboard.io/v1alpha1", "kind": "Release", "metadata": metadata, "spec": given}


def shelf() -> list[dict[str, Any]]:
    """Two listings with releases, their publisher, a collection, one that was taken down, a component."""
    version = "callboard.io/v1alpha1"
    return [
        listing(
            "tides",
            title="Tides",
            summary="Shows the tide.",
            description="# Tides\n\nShows the *tide*.",
            categories=["Harbour"],
            tags=["water"],
            packages=[{"ecosystem": "pypi", "name": "acme-tides"}],
            license="MIT",
            price={"model": "free"},
            added="2026-04-01",
            links=[{"url": "https://tides.example", "title": "Documentation"}],
            source={"type": "submission", "ref": "marketplace:tides"},
        ),
        listing(
            "ropes", title="Ropes", categories=["Harbour"], packages=[{"ecosystem": "npm", "name": "ropes"}]
        ),
        listing("pirates", title="Pirates", takenDown={"reason": "It did harm."}),
        release("tides", "1.0.0", needs=[{"name": "network", "why": "to ask the harbour"}], plugin="tides"),
        release("tides", "0.9.0", yanked={"at": "2026-04-02", "reason": "It sank."}),
        {
            "apiVersion": version,
            "kind": "Publisher",
            "metadata": {"name": "harbour", "title": "Harbour Works"},
            "spec": {
                "type": "verified-partner",
                "domains": [{"name": "harbour.example", "verifiedAt": "2026-01-02"}],
            },
        },
        {
            "apiVersion": "extensions.backstage.io/v1alpha1",
            "kind": "PluginCollection",
            "metadata": {"name": "afloat", "title": "Afloat", "description": "Keeps you afloat."},
            "spec": {"type": "curated", "plugins": ["tides"]},
        },
        {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": {"name": "secret-engine"},
            "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
        },
    ]


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[PortalUnderTest]:
    """The portal, looked at by somebody who is not signed in."""
    async with opened(tmp_path, (), CONFIG) as portal:
        await portal.give(*shelf())
        yield portal
