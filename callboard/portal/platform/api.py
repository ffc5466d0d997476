"""The plugins over HTTP: `/api/plugins`. Who may do what is asked at each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.access.audit import audit_event
from callboard.access.principals import principal_of
from callboard.access.schedule import TASKS_READ
from callboard.core.errors import ConflictError, InputError
from callboard.core.http import UnsupportedMediaTypeError, empty, json_answer
from callboard.core.http_body import read_body, read_model
from callboard.plugins import PluginContext
from callboard.plugins.admin import HIDDEN
from callboard.portal.platform.desk import PLUGINS_INSTALL, PLUGINS_READ, PLUGINS_UPDATE, Desk
from callboard.portal.platform.shapes import moment, plan_json, shown, task_json
from callboard.portal.platform.sources import MAX_WHEEL, UPLOADED, UPLOADS, planned

PREFIX = "/api/plugins"
_PRIVATE = {"cache-control": "private, no-store"}
UPLOAD_SECONDS = 600.0


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Configured(_Given):
    config: dict[str, Any] | None  # JSON of any shape


class _Wanted(_Given):
    source: str


class _Confirmed(_Wanted):
    fingerprint: str


def plugins_routes(context: PluginContext) -> Sequence[BaseRoute]:
    """Every route of the plugins. What is fixed stands before what any id matches."""
    return [*_installing(context), *_running(context)]


def _running(context: PluginContext) -> list[Route]:
    """Plugins that are here: shown, switched, configured, removed."""

    def desk(request: Request) -> Desk:
        return Desk(context, principal_of(request))

    async def listed(request: Request) -> Response:
        here = desk(request)
        await here.require(PLUGINS_READ)
        return json_answer({"items": [shown(one) for one in await here.admin.all()]}, headers=_PRIVATE)

    async def one(request: Request) -> Response:
        here = desk(request)
        await here.require(PLUGINS_READ)
        return json_answer(shown(await here.admin.one(request.path_params["id"])), headers=_PRIVATE)

    def switch(enabled: bool) -> Callable[[Request], Awaitable[Response]]:
        async def switched(request: Request) -> Response:
            here, plugin = desk(request), request.path_params["id"]
            event = "plugin-enable" if enabled else "plugin-disable"
            audit_event(request, event, severity="high", plugin=plugin)
            await here.require(PLUGINS_UPDATE)
            return json_answer(shown(await here.admin.enable(plugin, enabled, here.by)), headers=_PRIVATE)

        return switched

    async def configure(request: Request) -> Response:
        here, plugin = desk(request), request.path_params["id"]
        audit_event(request, "plugin-configure", severity="high", plugin=plugin)
        await here.require(PLUGINS_UPDATE)
        config = (await read_model(request, _Configured)).config
        if hidden := next(_hidden(config, "config"), None):
            raise InputError(f"{hidden} holds the sign for a secret that is not shown, not a value")
        return json_answer(shown(await here.admin.configure(plugin, config, here.by)), headers=_PRIVATE)

    async def remove(request: Request) -> Response:
        here, plugin = desk(request), request.path_params["id"]
        audit_event(request, "plugin-remove", severity="high", plugin=plugin)
        await here.require(PLUGINS_INSTALL)
        await here.admin.remove(plugin)
        return empty()

    async def rollback(request: Request) -> Response:
        here, plugin = desk(request), request.path_params["id"]
        audit_event(request, "plugin-rollback", severity="high", plugin=plugin)
        await here.require(PLUGINS_INSTALL)
        return json_answer(shown(await here.admin.rollback(plugin, here.by)), headers=_PRIVATE)

    async def tasks(request: Request) -> Response:
        here = desk(request)
        await here.require(TASKS_READ)
        return json_answer(
            {"items": [task_json(state) for state in await here.tasks.states()]}, headers=_PRIVATE
        )

    return [
        Route(PREFIX, listed, methods=["GET"]),
        Route(f"{PREFIX}/tasks", tasks, methods=["GET"]),
        Route(f"{PREFIX}/{{id}}", one, methods=["GET"]),
        Route(f"{PREFIX}/{{id}}", remove, methods=["DELETE"]),
        Route(f"{PREFIX}/{{id}}/enable", switch(True), methods=["POST"]),
        Route(f"{PREFIX}/{{id}}/disable", switch(False), methods=["POST"]),
        Route(f"{PREFIX}/{{id}}/rollback", rollback, methods=["POST"]),
        Route(f"{PREFIX}/{{id}}/config", configure, methods=["PUT"]),
    ]


def _installing(context: PluginContext) -> list[Route]:
    """Plugins that are to come: uploaded, planned, installed."""

    def desk(request: Request) -> Desk:
        return Desk(context, principal_of(request))

    async def upload(request: Request) -> Response:
        here = desk(request)
        await here.require(PLUGINS_INSTALL)
        if request.headers.get("content-type", "").strip().lower() != "application/octet-stream":
            raise UnsupportedMediaTypeError(
                "send the wheel itself as application/octet-stream, its name in x-filename"
            )
        filename = request.headers.get("x-filename", "")
        audit_event(request, "plugin-upload", severity="medium", filename=filename[:200])
        content = await read_body(request, limit=MAX_WHEEL, seconds=UPLOAD_SECONDS)
        kept = await UPLOADS.keep(here.by, filename, content)
        told = {
            "upload": kept.id,
            "source": kept.source,
            "filename": kept.wheel.filename,
            "sha256": kept.wheel.sha256,
            "size": len(content),
            "endsAt": moment(kept.ends),
        }
        return json_answer(told, 201, _PRIVATE)

    async def plan(request: Request) -> Response:
        here = desk(request)
        await here.require(PLUGINS_INSTALL)
        source = (await read_model(request, _Wanted)).source
        audit_event(request, "plugin-plan", severity="low", source=source[:200])
        return json_answer(plan_json(await planned(here.admin, source, here.by)), headers=_PRIVATE)

    async def install(request: Request) -> Response:
        here = desk(request)
        audit_event(request, "plugin-install", severity="high")
        await here.require(PLUGINS_INSTALL)
        wanted = await read_model(request, _Confirmed)
        audit_event(request, "plugin-install", severity="high", source=wanted.source[:200])
        found = await planned(here.admin, wanted.source, here.by)
        audit_event(request, "plugin-install", severity="high", plugin=found.plugin, version=found.version)
        if found.fingerprint != wanted.fingerprint:
            raise ConflictError("This is not what was planned any more. Plan again and look at it.")
        made = await here.admin.install(found, here.by)
        UPLOADS.drop(wanted.source.removeprefix(UPLOADED))
        return json_answer(shown(made), 201, _PRIVATE)

    return [
        Route(PREFIX, install, methods=["POST"]),
        Route(f"{PREFIX}/plan", plan, methods=["POST"]),
        Route(f"{PREFIX}/upload", upload, methods=["POST"]),
    ]


def _hidden(value: Any, where: str) -> Any:
    """The places of a configuration (JSON, hence Any) that hold the sign for a hidden secret."""
    if value == HIDDEN:
        yield where
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _hidden(item, f"{where}.{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _hidden(item, f"{where}[{at}]")
