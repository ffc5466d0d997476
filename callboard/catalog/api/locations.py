"""The endpoints of registered locations: create, dry run, read, query, update, delete, analyze."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.catalog.api import locations_query
from callboard.catalog.api.bodies import (
    AnalyzeBody,
    LocationBody,
    LocationsQuery,
    NewLocation,
    path_text,
    query_choice,
    query_flag,
)
from callboard.core.errors import ConflictError, NotAllowedError
from callboard.core.http import empty, json_answer
from callboard.core.http_body import read_model

if TYPE_CHECKING:
    from callboard.catalog.api.permit import PermittedOf
    from callboard.catalog.permitted import Permitted


def location_routes(permitted: PermittedOf, *, on_conflict: str = "reject") -> list[Route]:
    """`on_conflict`: what a second registration does unless the request says otherwise (reject, refresh)."""

    def refuse_when_readonly(catalog: Permitted) -> None:
        if catalog.readonly:
            raise NotAllowedError("This operation not allowed in readonly mode")

    async def create(request: Request) -> Response:
        dry_run = query_flag(request, "dryRun")
        strategy = query_choice(request, "onConflict", ("refresh", "reject"), on_conflict)
        body = await read_model(request, NewLocation)
        catalog = permitted(request)
        if dry_run:
            location, entities, exists = await catalog.dry_run_location(body.type, body.target)
            return json_answer({"location": location, "entities": entities, "exists": exists}, 201)
        refuse_when_readonly(catalog)
        try:
            location = await catalog.add_location(body.type, body.target, body.presence)
        except ConflictError:
            if strategy == "reject":
                raise
            location = await catalog.refresh_location(body.type, body.target)
        await catalog.caught_up()
        return json_answer({"location": location, "entities": []}, 201)

    async def read_all(request: Request) -> Response:
        return json_answer([{"data": location} for location in await permitted(request).locations()])

    async def by_query(request: Request) -> Response:
        body = await read_model(request, LocationsQuery)
        if body.cursor:
            page = locations_query.decode_cursor(body.cursor)
        else:
            page = locations_query.first_page(body.limit, body.query)
        return json_answer(locations_query.answer(await permitted(request).locations(), page))

    async def read(request: Request) -> Response:
        return json_answer(await permitted(request).location(path_text(request, "id")))

    async def update(request: Request) -> Response:
        body = await read_model(request, LocationBody)
        catalog = permitted(request)
        refuse_when_readonly(catalog)
        location = await catalog.update_location(path_text(request, "id"), body.type, body.target)
        await catalog.caught_up()
        return json_answer(location)

    async def delete(request: Request) -> Response:
        catalog = permitted(request)
        refuse_when_readonly(catalog)
        await catalog.delete_location(path_text(request, "id"))
        await catalog.caught_up()
        return empty()

    async def by_entity(request: Request) -> Response:
        kind, namespace, name = (path_text(request, part) for part in ("kind", "namespace", "name"))
        return json_answer(await permitted(request).location_by_entity(kind, namespace, name))

    async def analyze(request: Request) -> Response:
        body = await read_model(request, AnalyzeBody)
        return json_answer(
            await permitted(request).analyze_location(body.location.type, body.location.target)
        )

    return [
        Route("/locations", create, methods=["POST"]),
        Route("/locations", read_all, methods=["GET"]),
        Route("/locations/by-query", by_query, methods=["POST"]),
        Route("/locations/by-entity/{kind}/{namespace}/{name}", by_entity, methods=["GET"]),
        Route("/locations/{id}", read, methods=["GET"]),
        Route("/locations/{id}", update, methods=["PUT"]),
        Route("/locations/{id}", delete, methods=["DELETE"]),
        Route("/analyze-location", analyze, methods=["POST"]),
    ]
