"""Builds the ASGI application: the routes of every part, in the order of how often they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.catalog.api.openapi import document
from callboard.catalog.api.reads import read_routes
from callboard.catalog.api.writes import write_routes
from callboard.core.errors import ServiceUnavailableError
from callboard.core.http import EXCEPTION_HANDLERS, json_bytes
from callboard.core.http_edge import Edge
from callboard.core.http_health import health_routes
from callboard.search.api import search_routes
from callboard.search.openapi import extended
from callboard.web.live import live_routes
from callboard.web.site import not_found_pages, page_routes

if TYPE_CHECKING:
    from callboard.catalog.query import Queries
    from callboard.catalog.service import Catalog
    from callboard.core.config import Config
    from callboard.web.assets import Assets
    from callboard.web.services import Services

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

CATALOG = "/api/catalog"
START_SECONDS = 5.0  # how long a read waits for the index before it is refused


def build_app(
    catalog: Catalog,
    queries: Queries,
    config: Config,
    *,
    services: Services | None = None,
    assets: Assets | None = None,
    lifespan: Lifespan | None = None,
    log_requests: bool = True,
) -> Starlette:
    """The whole application over parts that the caller started and will stop (or `lifespan` does).

    Without `services` and `assets` it is the catalog's API alone.
    """
    strategy = config.string("catalog.defaultLocationConflictStrategy", "reject")
    routes: list[BaseRoute] = [
        *read_routes(queries, _gate(catalog), CATALOG),
        *_below(CATALOG, write_routes(catalog, on_conflict=strategy)),
        *health_routes(lambda: catalog.ready),
        Route("/openapi.json", _described(extended(document())), methods=["GET"]),
        Route(f"{CATALOG}/openapi.json", _described(document()), methods=["GET"]),
    ]
    handlers = dict(EXCEPTION_HANDLERS)
    if services is not None and assets is not None:
        routes += [
            *search_routes(
                services.search,
                max_page_limit=config.integer("search.maxPageLimit", 100),
                max_term_length=config.integer("search.maxTermLength", 100),
            ),
            *assets.routes(),
            *live_routes(queries.index),
            *page_routes(services),
        ]
        handlers[HTTPException] = not_found_pages(services)
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Edge, log_requests=log_requests)],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # Edge takes care of them; a redirect loses the body of a POST
    return app


def _below(prefix: str, routes: Iterable[Route]) -> list[Route]:
    """The routes with `prefix` before each path: flat, since a Mount costs every request a second match."""
    return [Route(prefix + one.path, one.endpoint, methods=list(one.methods or ())) for one in routes]


def _gate(catalog: Catalog) -> Callable[[], Awaitable[None]]:
    """Holds reads back until the index is whole: half a catalog is a wrong answer."""

    async def wait_ready() -> None:
        if catalog.ready:
            return
        for _ in range(int(START_SECONDS / 0.05)):
            await asyncio.sleep(0.05)
            if catalog.ready:
                return
        raise ServiceUnavailableError("Service has not started up yet")

    return wait_ready


def _described(description: dict[str, Any]) -> Callable[[Request], Awaitable[Response]]:
    content = orjson.dumps(description)

    async def openapi(_: Request) -> Response:
        return json_bytes(content)

    return openapi
