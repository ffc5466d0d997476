"""Location entities for targets that come from configuration, from people or from the command line."""

from __future__ import annotations

import hashlib
from typing import Any


def location_name(kind: str, target: str) -> str:
    """The name Backstage gives to the entity of a location: stable for the same type and target."""
    return f"generated-{hashlib.sha1(f'{kind}:{target}'.encode(), usedforsecurity=False).hexdigest()}"


def location_entity(kind: str, target: str, presence: str = "required") -> dict[str, Any]:
    """The Location entity that makes the catalog read `target`; `kind` is `file` or `url`."""
    spec = {"type": kind, "target": target}
    if presence != "required":
        spec["presence"] = presence
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {
            "name": location_name(kind, target),
            "annotations": {
                "backstage.io/managed-by-location": f"{kind}:{target}",
                "backstage.io/managed-by-origin-location": f"{kind}:{target}",
            },
        },
        "spec": spec,
    }
