"""Actions that plugins offer to agents and people, as Backstage lists and invokes them (contract note C8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.permissions import Permission, Permissions
from callboard.access.principals import Principal, principal_of
from callboard.core.errors import InputError, NotFoundError
from callboard.core.http import json_answer
from callboard.core.http_body import read_json
from callboard.plugins import Contribution, Plugin, PluginContext
from callboard.plugins.live import Live

JsonObject = Mapping[str, Any]
"""JSON, hence Any."""
SECONDS = 60.0  # for an action to finish


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation: who asks, and the input, which fits the action's schema."""

    context: PluginContext
    principal: Principal
    input: JsonObject


@dataclass(frozen=True, slots=True)
class Action(Contribution):
    """Something that agents (and people) can do. `input` and `output` are JSON Schemas of objects.

    With a `permission`, who is not allowed does not see the action. `run` answers for what it touches: it is
    given who asks.
    """

    name: str
    title: str
    description: str
    input: JsonObject
    output: JsonObject
    run: Callable[[Call], Awaitable[JsonObject]]
    read_only: bool = False
    destructive: bool = True
    idempotent: bool = False
    permission: Permission | None = None


def action_routes(live: Live, permissions: Permissions) -> list[Route]:
    """The routes of every plugin with actions, below `/api/<plugin>/.backstage/actions`."""
    plugins = dict.fromkeys(plugin.id for plugin, _ in live.registry.owned(Action))
    return [route for id in plugins for route in _Offered(live, permissions, id).routes()]


class _Offered:
    """The actions of one plugin."""

    def __init__(self, live: Live, permissions: Permissions, plugin: str) -> None:
        owned = [(one, action) for one, action in live.registry.owned(Action) if one.id == plugin]
        self._live = live
        self._permissions = permissions
        self._plugin: Plugin = owned[0][0]
        self._actions = {f"{plugin}:{action.name}": action for _, action in owned}
        self._inputs = {
            name: jsonschema_rs.validator_for(dict(action.input)) for name, action in self._actions.items()
        }

    def routes(self) -> list[Route]:
        base = f"/api/{self._plugin.id}/.backstage/actions"
        return [
            Route(f"{base}/v1/actions", self._list, methods=["GET"]),
            Route(f"{base}/v1/actions/{{id}}/invoke", self._first, methods=["POST"]),
            Route(f"{base}/v2/actions/{{id}}/invoke", self._second, methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        principal = principal_of(request)
        seen = [name for name in self._actions if await self._may(principal, self._actions[name])]
        return json_answer({"actions": [self._described(name) for name in seen]})

    async def _first(self, request: Request) -> Response:
        return await self._invoke(request, await read_json(request))

    async def _second(self, request: Request) -> Response:
        body = await read_json(request)
        if not isinstance(body, dict) or not isinstance(body.get("input", {}), dict):
            raise InputError("request/body must be an object with `input`")
        return await self._invoke(request, body.get("input", {}))

    async def _invoke(self, request: Request, given: Any) -> Response:
        id, principal = request.path_params["id"], principal_of(request)
        action = self._actions.get(id)
        if action is None or not await self._may(principal, action):
            raise NotFoundError(f'Action "{id}" not found')
        mistake = next(self._inputs[id].iter_errors(given), None)
        if mistake is not None:
            place = "/".join(str(part) for part in mistake.instance_path)
            raise InputError(f'Invalid input to action "{id}": {place and f"{place}: "}{mistake.message}')
        call = Call(self._live.context(self._plugin), principal, given)
        output = await self._live.health.guarded(
            self._plugin.id, f"the action {action.name}", action.run(call), SECONDS
        )
        return json_answer({"output": output})

    async def _may(self, principal: Principal, action: Action) -> bool:
        return action.permission is None or await self._permissions.allows(principal, action.permission)

    def _described(self, name: str) -> dict[str, Any]:
        action = self._actions[name]
        return {
            "id": name,
            "name": action.name,
            "title": action.title,
            "description": action.description,
            "pluginId": self._plugin.id,
            "attributes": {
                "destructive": action.destructive and not action.read_only,
                "idempotent": action.idempotent or action.read_only,
                "readOnly": action.read_only,
            },
            "schema": {"input": action.input, "output": action.output},
        }
