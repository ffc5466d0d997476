"""The pipelines over HTTP, and the events that clients send: `/api/pipelines` and `/api/analytics/events`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.access.permissions import Permission, Permissions
from callboard.access.principals import principal_of
from callboard.core.errors import NotFoundError
from callboard.core.http import empty, json_answer
from callboard.core.http_body import read_json
from callboard.pipelines.capture.event import read_events
from callboard.pipelines.capture.pages import visitor_of
from callboard.pipelines.faces.pages import ID, TASK, states_of
from callboard.pipelines.faces.permissions import PIPELINES_READ, PIPELINES_RUN
from callboard.pipelines.service import Pipelines
from callboard.plugins import PluginContext
from callboard.plugins.tasks import Tasks
from callboard.web.preferences import PreferenceStore
from callboard.web.usage import agrees

if TYPE_CHECKING:
    from callboard.pipelines.faces.datasets import State

MOST_BODY = 512 * 1024
_PRIVATE = {"cache-control": "private, no-store"}


def pipelines_routes(context: PluginContext) -> Sequence[BaseRoute]:
    """Runs and datasets."""

    async def opened(request: Request, permission: Permission) -> Pipelines:
        await context.get(Permissions).require(principal_of(request), permission)
        service = context.get(Pipelines)
        if not service.enabled:
            raise NotFoundError("The pipelines are off: `pipelines.enabled` is not true")
        return service

    async def runs(request: Request) -> Response:
        service = await opened(request, PIPELINES_READ)
        found = await (await service.opened()).runs(50, service.lake.url)
        return json_answer({"items": [asdict(one) for one in found]}, headers=_PRIVATE)

    async def run(request: Request) -> Response:
        store = await (await opened(request, PIPELINES_READ)).opened()
        found = await store.run(request.path_params["id"])
        steps = [asdict(one) for one in await store.steps(found.id)]
        return json_answer({**asdict(found), "steps": steps}, headers=_PRIVATE)

    async def start(request: Request) -> Response:
        await opened(request, PIPELINES_RUN)
        await context.get(Tasks).trigger(ID, TASK)
        return empty(202)

    async def datasets(request: Request) -> Response:
        service = await opened(request, PIPELINES_READ)
        found = [shown(one) for one in await states_of(service)]
        return json_answer({"items": found}, headers=_PRIVATE)

    return [
        Route("/api/pipelines/runs", runs, methods=["GET"]),
        Route("/api/pipelines/runs", start, methods=["POST"]),
        Route("/api/pipelines/runs/{id}", run, methods=["GET"]),
        Route("/api/pipelines/datasets", datasets, methods=["GET"]),
        Route("/api/analytics/events", _taking(context), methods=["POST"]),
    ]


def _taking(context: PluginContext) -> Callable[[Request], Awaitable[Response]]:
    """Takes events of clients of Backstage's analytics; says how many were taken."""

    async def take(request: Request) -> Response:
        now = datetime.now(UTC)
        events = read_events(await read_json(request, limit=MOST_BODY), now)
        capture = context.get(Pipelines).capture
        taken = 0
        if capture.enabled:
            principal = principal_of(request)
            preferences: dict[str, Any] = {}
            if principal.user is not None:
                preferences, _ = await context.get(PreferenceStore).load(principal.user)
            willing = agrees(request.headers, preferences.get("usage"))
            visitor = visitor_of(principal, agrees=willing)
            taken = sum(capture.take(visitor, one) for one in events)
        return json_answer({"taken": taken}, status=202, headers=_PRIVATE)

    return take


def shown(state: State) -> dict[str, Any]:
    """A dataset as JSON."""
    return {
        "layer": state.layer,
        "name": state.name,
        "entityRef": state.ref,
        "description": state.description,
        "grain": state.grain,
        "keys": list(state.keys),
        "columns": [{"name": name, "type": kind} for name, kind in state.columns],
        "inputs": [f"{layer}.{name}" for layer, name in state.inputs],
        "outputs": [f"{layer}.{name}" for layer, name in state.outputs],
        "partitions": state.days,
        "newest": state.newest.isoformat() if state.newest else None,
        "rows": state.rows,
        "fresh": state.fresh,
        "checks": [asdict(one) for one in state.checks],
        "problems": [one.error for one in state.problems],
    }
