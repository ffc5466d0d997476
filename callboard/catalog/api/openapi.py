"""The OpenAPI 3.1 description of the catalog API: every operation, input and status it answers."""

from __future__ import annotations

from typing import Any

from callboard import __version__
from callboard.catalog.api.openapi_operations import OPERATIONS
from callboard.catalog.api.openapi_schemas import SCHEMAS

_DESCRIPTION = """The catalog of Callboard. It answers Backstage's catalog API, version 1.55, so clients
written for Backstage work with it; operations tagged `callboard` have no counterpart there."""


def document() -> dict[str, Any]:
    """The description as JSON-ready data."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = one.described()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callboard catalog",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "entities", "description": "Reading and refreshing what the catalog holds."},
            {"name": "locations", "description": "Where descriptors are read from."},
            {"name": "callboard", "description": "Callboard's own."},
            {"name": "health", "description": "For load balancers and orchestrators."},
        ],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }
