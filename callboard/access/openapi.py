"""What sign-in, permissions, the audit log and plugins add to the OpenAPI description of the whole API.

It also says of every operation, those of the catalog and the search included, who may call it.
"""

from __future__ import annotations

from typing import Any

from callboard.access.openapi_operations import OPERATIONS, PUBLIC
from callboard.access.openapi_schemas import SCHEMAS

Json = dict[str, Any]
"""JSON, hence Any."""

TAGS = {
    "sign-in": "Signing in and out, sessions and tokens.",
    "permissions": "What people may do: decisions, roles and their versions.",
    "audit": "Who did what.",
    "plugins": "What runs here, and what plugins offer to other programs.",
    "events": "What happened elsewhere.",
    "pipelines": "Where the numbers come from.",
    "insights": "How the portal is used, and how its catalog grows.",
}
SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A user's, a plugin's or a personal token, or one of `backend.auth.externalAccess`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "callboard-session",
        "description": "The browser's session. Changes are only taken from the portal's own pages.",
    },
}
_REFUSALS = {
    "401": "It is not known who asks. Asked only where `auth.providers` are configured.",
    "403": "Who asks may not do this.",
    "429": "Too many requests; `Retry-After` says for how many seconds to wait.",
}


def extended(document: Json) -> Json:
    """A description together with what is described here; `document` has the schema `Error`."""
    paths: Json = {path: dict(operations) for path, operations in document["paths"].items()}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = one.described()
    components = document["components"]
    return {
        **document,
        "tags": [*document["tags"], *({"name": name, "description": words} for name, words in TAGS.items())],
        "security": [{name: []} for name in SECURITY_SCHEMES],
        "paths": {path: _guarded(path, operations) for path, operations in paths.items()},
        "components": {
            **components,
            "schemas": {**components["schemas"], **SCHEMAS},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _guarded(path: str, operations: Json) -> Json:
    """The operations of a path with the answers that credentials, permissions and limits may give."""
    if path.startswith("/.backstage/health/"):
        return {method: {**operation, "security": []} for method, operation in operations.items()}
    return {method: _refusing(operation, path in PUBLIC) for method, operation in operations.items()}


def _refusing(operation: Json, public: bool) -> Json:
    statuses = ("429",) if public else tuple(_REFUSALS)
    responses: Json = {status: _refusal(status) for status in statuses} | operation["responses"]
    found = {**operation, "responses": dict(sorted(responses.items()))}
    return {**found, "security": []} if public else found


def _refusal(status: str) -> Json:
    answer: Json = {
        "description": _REFUSALS[status],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    if status == "429":
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return answer
