"""The read endpoints of `/api/catalog`: entities, by name, id, references and query, ancestry, facets.

They parse and check; the `Queries` of whoever asks answer. Errors leave as CallboardError, for the
application's one handler.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.catalog.api.params import (
    ByQueryBody,
    ByRefsBody,
    FacetsBody,
    Params,
    by_query_params,
    entities_order,
    entities_page,
    next_link,
)
from callboard.catalog.api.respond import (
    cached_headers,
    content_tag,
    is_current,
    list_tag,
    not_modified,
    tagged,
)
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import both
from callboard.catalog.query.fields import parse_fields
from callboard.catalog.query.filters import parse_filter
from callboard.catalog.query.predicate import parse_predicate
from callboard.catalog.visibility import Visibility, open_to_all
from callboard.core.errors import InputError
from callboard.core.http import JSON_TYPE, json_bytes
from callboard.core.http_body import read_model

_STREAMED = 500  # lists longer than this leave in pieces, so that one request never copies the catalog

WaitReady = Callable[[], Awaitable[None]]
"""Returns once the index is whole, or raises ServiceUnavailableError."""


def read_routes(
    queries: Queries,
    wait_ready: WaitReady,
    prefix: str = "/api/catalog",
    *,
    visibility: Visibility | None = None,
) -> list[Route]:
    """The routes, to stand before any that could shadow them. Without `visibility` all see everything."""
    reads = Reads(visibility or open_to_all(queries), wait_ready)
    entities = f"{prefix}/entities"
    by_name = f"{entities}/by-name/{{kind}}/{{namespace}}/{{name}}"
    return [
        Route(f"{entities}/by-query", reads.by_query, methods=["GET"]),
        Route(by_name, reads.by_name, methods=["GET"]),
        Route(f"{entities}/by-refs", reads.by_refs, methods=["POST"]),
        Route(f"{prefix}/entity-facets", reads.facets, methods=["GET"]),
        Route(f"{entities}/by-query", reads.by_predicate, methods=["POST"]),
        Route(f"{by_name}/ancestry", reads.ancestry, methods=["GET"]),
        Route(f"{entities}/by-uid/{{uid}}", reads.by_uid, methods=["GET"]),
        Route(f"{prefix}/entity-facets", reads.predicate_facets, methods=["POST"]),
        Route(entities, reads.entities, methods=["GET"]),
    ]


class Reads:
    """The endpoints, bound to what answers them."""

    def __init__(self, visibility: Visibility, wait_ready: WaitReady) -> None:
        self._visibility = visibility
        self._wait_ready = wait_ready

    async def _queries(self, request: Request) -> Queries:
        """What answers whoever sent the request, once the index is whole."""
        await self._wait_ready()
        return await self._visibility.queries_for(principal_of(request.scope))

    async def entities(self, request: Request) -> Response:
        queries = await self._queries(request)
        tag = list_tag(queries)
        if is_current(request, tag):
            return not_modified(tag)
        params = Params(request.scope["query_string"])
        where, _ = parse_filter(params.all("filter"))
        limit, offset, paged = entities_page(params)
        fields = parse_fields(params.commas("fields"))
        order = entities_order(params.all("order"))
        rows = queries.entity_rows(
            where, order=order, limit=None if limit is None else limit + 1, offset=offset, paged=paged
        )
        headers = cached_headers(tag)
        if limit is not None and len(rows) > limit:
            del rows[limit:]
            headers["link"] = next_link(params, limit, offset)
        if len(rows) > _STREAMED:
            return StreamingResponse(queries.stream(rows, fields), media_type=JSON_TYPE, headers=headers)
        return json_bytes(await queries.entities(rows, fields), headers=headers)

    async def by_query(self, request: Request) -> Response:
        queries = await self._queries(request)
        tag = list_tag(queries)
        if is_current(request, tag):
            return not_modified(tag)
        params = Params(request.scope["query_string"])
        wanted = by_query_params(params)
        fields = parse_fields(params.commas("fields"))
        body = await queries.by_query(wanted, fields=fields)
        return json_bytes(body, headers=cached_headers(tag))

    async def by_predicate(self, request: Request) -> Response:
        body = await read_model(request, ByQueryBody)
        queries = await self._queries(request)
        wanted, fields = body.request(), parse_fields(body.fields)
        return json_bytes(await queries.by_query(wanted, fields=fields))

    async def by_name(self, request: Request) -> Response:
        queries = await self._queries(request)
        path = request.path_params
        body = await queries.by_name(path["kind"], path["namespace"], path["name"])
        return tagged(request, body, content_tag(body))

    async def by_uid(self, request: Request) -> Response:
        queries = await self._queries(request)
        body = await queries.by_uid(request.path_params["uid"])
        return tagged(request, body, content_tag(body))

    async def ancestry(self, request: Request) -> Response:
        queries = await self._queries(request)
        path = request.path_params
        entity_ref = f"{path['kind']}:{path['namespace']}/{path['name']}".lower()
        return json_bytes(await queries.ancestry(entity_ref))

    async def by_refs(self, request: Request) -> Response:
        body = await read_model(request, ByRefsBody)
        queries = await self._queries(request)
        filtered, _ = parse_filter(Params(request.scope["query_string"]).all("filter"))
        where = both(filtered, parse_predicate(body.query))
        fields = parse_fields(body.fields)
        return json_bytes(await queries.by_refs(body.entityRefs, where, fields=fields))

    async def facets(self, request: Request) -> Response:
        queries = await self._queries(request)
        tag = list_tag(queries)
        if is_current(request, tag):
            return not_modified(tag)
        params = Params(request.scope["query_string"])
        keys = params.all("facet")
        if not keys:
            raise InputError("request/query must have required property 'facet'")
        where, _ = parse_filter(params.all("filter"))
        return json_bytes(queries.facets(keys, where), headers=cached_headers(tag))

    async def predicate_facets(self, request: Request) -> Response:
        body = await read_model(request, FacetsBody)
        queries = await self._queries(request)
        if not body.facets:
            raise InputError("Missing or empty facets parameter")
        return json_bytes(queries.facets(body.facets, parse_predicate(body.query)))
