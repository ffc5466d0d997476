"""The endpoints that change or check single entities, and the list of all writing routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.catalog.api.bodies import RefreshBody, ValidateBody, path_text
from callboard.catalog.api.history import history_routes
from callboard.catalog.api.locations import location_routes
from callboard.catalog.api.permit import permitted_of
from callboard.catalog.api.problems import problem_routes
from callboard.core.http import empty, json_answer
from callboard.core.http_body import first_mistake, read_json, read_model

if TYPE_CHECKING:
    from callboard.catalog.service import Catalog
    from callboard.catalog.visibility import Visibility


def write_routes(
    catalog: Catalog, *, on_conflict: str = "reject", visibility: Visibility | None = None
) -> list[Route]:
    """Everything but the reads of entities as they are now; paths are relative to the catalog's mount.

    Without `visibility` everyone may do everything.
    """
    permitted = permitted_of(catalog, visibility)

    async def refresh(request: Request) -> Response:
        body = await read_model(request, RefreshBody)
        await permitted(request).refresh(body.entityRef)
        return empty(200)

    async def delete_by_uid(request: Request) -> Response:
        await permitted(request).delete_entity(path_text(request, "uid"))
        await catalog.caught_up()
        return empty()

    async def validate(request: Request) -> Response:
        asker = permitted(request)
        errors = _shape_errors(value := await read_json(request))
        if not errors:
            errors = await asker.validate_entity(value["entity"], value["location"])
        return json_answer({"errors": errors}, 400) if errors else empty(200)

    async def reindex(request: Request) -> Response:
        await permitted(request).reindex()
        return empty(202)

    return [
        Route("/refresh", refresh, methods=["POST"]),
        Route("/entities/by-uid/{uid}", delete_by_uid, methods=["DELETE"]),
        Route("/validate-entity", validate, methods=["POST"]),
        Route("/reindex", reindex, methods=["POST"]),
        *location_routes(permitted, on_conflict=on_conflict),
        *problem_routes(permitted),
        *history_routes(permitted),
    ]


def _shape_errors(value: Any) -> list[dict[str, str]]:
    """What is wrong around the entity. This endpoint lists errors instead of using the envelope."""
    try:
        body = ValidateBody.model_validate(value)
    except ValidationError as error:
        return [{"name": "InputError", "message": f"Malformed request: {first_mistake(error)}"}]
    if not body.location.startswith("url:") or body.location == "url:":
        supported = "only 'url:<target>' is supported, e.g. url:https://host/path"
        return [{"name": "TypeError", "message": f"Invalid location ref {body.location}, {supported}"}]
    return []
