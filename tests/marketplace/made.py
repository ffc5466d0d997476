"""Entities of the extension kinds, made for a test."""

from __future__ import annotations

from typing import Any

from tests.marketplace.conftest import located


def plugin(name: str, **spec: Any) -> dict[str, Any]:
    """A Plugin with little; `spec` adds to it and replaces."""
    return located(
        {
            "apiVersion": "extensions.backstage.io/v1alpha1",
            "kind": "Plugin",
            "metadata": {"name": name, "title": name.title(), "description": f"About {name}."},
            "spec": {"publisher": "Made", "lifecycle": "active", **spec},
        },
        f"file:/made/{name}.yaml",
    )


def package(name: str, **spec: Any) -> dict[str, Any]:
    """A Package called `@made/<name>`."""
    return located(
        {
            "apiVersion": "extensions.backstage.io/v1alpha1",
            "kind": "Package",
            "metadata": {"name": name, "title": name.title()},
            "spec": {"packageName": f"@made/{name}", "version": "1.0.0", **spec},
        },
        f"file:/made/package-{name}.yaml",
    )
