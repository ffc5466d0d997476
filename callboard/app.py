"""Builds the ASGI application: the routes of every part, in the order of how often they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from callboard.catalog.api.landing import landing_page
from callboard.catalog.api.openapi import document_bytes
from callboard.catalog.api.reads import read_routes
from callboard.catalog.api.writes import write_routes
from callboard.catalog.index.postings import as_bitmap
from callboard.core.errors import ServiceUnavailableError
from callboard.core.http import EXCEPTION_HANDLERS, json_bytes
from callboard.core.http_edge import Edge
from callboard.core.http_health import health_routes

if TYPE_CHECKING:
    from callboard.catalog.query import Queries
    from callboard.catalog.service import Catalog
    from callboard.core.config import Config

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

CATALOG = "/api/catalog"
START_SECONDS = 5.0  # how long a read waits for the index before it is refused


def build_app(
    catalog: Catalog,
    queries: Queries,
    config: Config,
    *,
    lifespan: Lifespan | None = None,
    log_requests: bool = True,
) -> Starlette:
    """The whole application over parts that the caller started and will stop (or `lifespan` does)."""
    strategy = config.string("catalog.defaultLocationConflictStrategy", "reject")
    routes: list[BaseRoute] = [
        *read_routes(queries, _gate(catalog), CATALOG),
        *_below(CATALOG, write_routes(catalog, on_conflict=strategy)),
        *health_routes(lambda: catalog.ready),
        Route("/openapi.json", _openapi, methods=["GET"]),
        Route(f"{CATALOG}/openapi.json", _openapi, methods=["GET"]),
        Route("/", _landing(catalog, config.string("app.title", "Callboard")), methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Edge, log_requests=log_requests)],
        exception_handlers=EXCEPTION_HANDLERS,
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


async def _openapi(_: Request) -> Response:
    return json_bytes(document_bytes())


def _landing(catalog: Catalog, title: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of the page at `/`."""

    async def landing(_: Request) -> Response:
        kinds = catalog.index.fields.get("kind")
        counts = sorted((kind, len(as_bitmap(rows))) for kind, rows in kinds.items()) if kinds else []
        return HTMLResponse(landing_page(title, counts, ready=catalog.ready))

    return landing
