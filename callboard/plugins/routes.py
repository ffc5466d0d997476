"""Makes the routes of plugins: flat below `/api/<id>`, and each kept from harming the others.

Flat, since a Mount costs every request a second match.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from callboard.plugins.contract import Plugin
from callboard.plugins.contributions import Router
from callboard.plugins.health import Health
from callboard.plugins.live import Live

Endpoint = Callable[[Request], Awaitable[Response]]
SECONDS = 60.0  # after which the route of a plugin is given up; a body that is streamed may take longer


def api_routes(live: Live) -> list[BaseRoute]:
    """The routes of every plugin, in the order of the plugins. One whose router fails has none."""
    first: list[BaseRoute] = []
    routes: list[BaseRoute] = []
    for plugin, router in live.registry.owned(Router):
        try:
            own = list(router.make(live.context(plugin)))
        except Exception as error:
            live.health.failed(plugin.id, "the router", error)
            continue
        prefix = "" if router.root else f"/api/{plugin.id}"
        (first if router.first else routes).extend(_below(prefix, own, plugin, live.health))
    return first + routes


def _below(prefix: str, routes: list[BaseRoute], plugin: Plugin, health: Health) -> list[BaseRoute]:
    plain = [one for one in routes if isinstance(one, Route) and not isinstance(one.endpoint, type)]
    if len(plain) < len(routes):
        return [Mount(prefix, routes=routes)] if prefix else routes
    return [
        Route(prefix + one.path, _noted(one.endpoint, plugin, health), methods=list(one.methods or ()))
        for one in plain
    ]


def _noted(endpoint: Endpoint, plugin: Plugin, health: Health) -> Endpoint:
    """The endpoint as it is for Callboard's own; others' failures count against their plugin."""
    if endpoint.__module__.startswith("callboard."):
        return endpoint

    async def noted(request: Request) -> Response:
        where = f"{request.method} {request.url.path}"
        answer = await health.guarded(plugin.id, where, _answer(endpoint, request), SECONDS)
        if isinstance(answer, HTTPException):
            raise answer
        return answer

    return noted


async def _answer(endpoint: Endpoint, request: Request) -> Response | HTTPException:
    """What the endpoint answers. A refusal is an answer as well, and no failure of the plugin."""
    try:
        return await endpoint(request)
    except HTTPException as refusal:
        return refusal
