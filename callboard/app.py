"""Builds the ASGI application: the routes of every plugin, in the order of how often they are asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from callboard.access.openapi import extended as with_access
from callboard.catalog.api.openapi import document
from callboard.core.http import EXCEPTION_HANDLERS, json_bytes
from callboard.core.http_health import health_routes
from callboard.marketplace.desk.openapi import extended as with_desk
from callboard.marketplace.extensions_openapi import extended as with_extensions
from callboard.plugins.live import Live
from callboard.plugins.routes import api_routes
from callboard.search.openapi import extended as with_search
from callboard.web.live import live_routes
from callboard.web.site import not_found_pages, page_routes

if TYPE_CHECKING:
    from callboard.web.assets import Assets
    from callboard.web.services import Services


class App(Starlette):
    """Without Starlette's last resort: what nobody expected goes on to `Edge`, which answers like our API."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        for cls, args, kwargs in reversed(self.user_middleware):
            app = cls(app, *args, **kwargs)
        return app


def build_app(
    live: Live,
    ready: Callable[[], bool],
    *,
    services: Services | None = None,
    assets: Assets | None = None,
    further: Sequence[BaseRoute] = (),
    middleware: Sequence[Middleware] = (),
) -> Starlette:
    """The application over parts that the caller started and will stop.

    `ready` says whether the catalog is whole. Without `services` and `assets` there are no pages.
    `further` are routes that no plugin has alone. `middleware` stands around the router, the first outermost.
    """
    routes: list[BaseRoute] = [
        *api_routes(live),
        *further,
        *health_routes(ready),
        Route("/openapi.json", _described(whole_description), methods=["GET"]),
        Route("/api/catalog/openapi.json", _described(document), methods=["GET"]),
    ]
    handlers = dict(EXCEPTION_HANDLERS)
    if services is not None and assets is not None:
        routes += [*assets.routes(), *live_routes(services), *page_routes(services)]
        handlers[HTTPException] = not_found_pages(services)
    app = App(routes=routes, middleware=list(middleware), exception_handlers=handlers)
    app.router.redirect_slashes = False  # Edge takes care of them; a redirect loses the body of a POST
    return app


def whole_description() -> dict[str, Any]:
    """The OpenAPI description of the whole API (JSON, hence Any)."""
    return with_access(with_desk(with_extensions(with_search(document()))))


def _described(describe: Callable[[], dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    """Answers with the description, which is made when it is first asked for."""

    @cache
    def content() -> bytes:
        return orjson.dumps(describe())

    async def openapi(_: Request) -> Response:
        return json_bytes(content())

    return openapi
