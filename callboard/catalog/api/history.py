"""The past of an entity over HTTP: its versions and what each changed. Callboard's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.catalog.api.bodies import path_text, query_count
from callboard.core.errors import InputError, NotFoundError
from callboard.core.http import json_answer

if TYPE_CHECKING:
    from callboard.catalog.api.permit import PermittedOf
    from callboard.catalog.difference import Change
    from callboard.catalog.history import Version

DEFAULT_VERSIONS = 50
MOST_VERSIONS = 200


def history_routes(permitted: PermittedOf) -> list[Route]:
    """`/entities/by-name/.../history`."""

    async def history(request: Request) -> Response:
        kind, namespace, name = (path_text(request, part) for part in ("kind", "namespace", "name"))
        limit = query_count(request, "limit", DEFAULT_VERSIONS, MOST_VERSIONS)
        before = _time(request, "before")
        ref = f"{kind}:{namespace}/{name}".lower()
        versions = await permitted(request).history(ref, max(1, limit), before)
        if not versions and before is None:
            raise NotFoundError(f"There never was an entity {ref}")
        return json_answer({"items": [shown(version) for version in versions]})

    return [Route("/entities/by-name/{kind}/{namespace}/{name}/history", history, methods=["GET"])]


def shown(version: Version) -> dict[str, Any]:
    """A version as JSON; times are seconds since 1970."""
    return {
        "validFrom": version.valid_from,
        "validTo": version.valid_to,
        "cause": version.cause,
        "deletedBy": version.deleted_by,
        "changes": [shown_change(change) for change in version.changes],
        "entity": version.body,
    }


def shown_change(change: Change) -> dict[str, Any]:
    return {"path": change.path, "kind": change.kind, "before": change.before, "after": change.after}


def _time(request: Request, name: str) -> float | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"request/query/{name} must be a number of seconds since 1970")
    return value
