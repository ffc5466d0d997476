"""The permission framework over HTTP, as Backstage's clients and plugins ask it (contract note C2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.permissions.criteria import as_json, read_criteria
from callboard.access.permissions.service import Permissions
from callboard.access.permissions.types import Action, Decision, Permission, Result
from callboard.access.principals import Principal, principal_of
from callboard.core.errors import InputError, NotAllowedError
from callboard.core.http import json_answer
from callboard.core.http_body import read_model

MOST = 500  # items in one request
MOST_REFS = 5000  # resources in one request

Load = Callable[[Sequence[str]], Awaitable[list[Any]]]
"""The resources under refs, None where there is none (JSON, hence Any)."""


class Resources(dict[str, Load]):
    """How to load the resources of each type."""


class _Lenient(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Attributes(_Lenient):
    action: Action | None = None


class _Asked(_Lenient):
    """A permission as clients send it."""

    type: Literal["basic", "resource"] = "basic"
    name: str = Field(min_length=1, max_length=200)
    attributes: _Attributes = _Attributes()
    resourceType: str | None = None  # noqa: N815  (the name on the wire)

    def permission(self) -> Permission:
        if self.type == "resource" and not self.resourceType:
            raise InputError(f"The permission {self.name} is of type resource and names no resourceType")
        return Permission(
            self.name, self.attributes.action, self.resourceType if self.type == "resource" else None
        )


class _Item(_Lenient):
    id: str
    permission: _Asked
    resourceRef: str | list[str] | None = None  # noqa: N815


class AuthorizeBody(_Lenient):
    """POST /authorize."""

    items: list[_Item] = Field(max_length=MOST)


class _Applied(_Lenient):
    id: str
    resourceRef: str | list[str]  # noqa: N815
    resourceType: str  # noqa: N815
    conditions: dict[str, Any]  # criteria: any JSON


class ApplyBody(_Lenient):
    """POST /apply-conditions."""

    items: list[_Applied] = Field(max_length=MOST)


def permission_routes(
    permissions: Permissions, resources: Mapping[str, Load], prefix: str = "/api/permission"
) -> list[Route]:
    """`/authorize`, and for each plugin its metadata and the application of conditions to its resources.

    `resources` loads resources by their type.
    """

    async def authorize(request: Request) -> Response:
        body = await read_model(request, AuthorizeBody)
        principal = principal_of(request)
        _check_size([item.resourceRef for item in body.items])
        return json_answer({"items": [await _answered(principal, item) for item in body.items]})

    async def _answered(principal: Principal, item: _Item) -> dict[str, Any]:
        permission = _known(item.permission.permission())
        decision = await permissions.decide(principal, permission)
        if item.resourceRef is None:
            # A user's browser must not learn the conditions of others' plugins, only answers.
            direct = principal.type == "user" and principal.actor is None
            if direct and permission.resource_type is not None and permissions.enabled:
                raise InputError(f"A resourceRef is required for the permission {permission.name}")
            return {"id": item.id, **_shown(decision)}
        refs = item.resourceRef if isinstance(item.resourceRef, list) else [item.resourceRef]
        results = await _for_resources(decision, permission, refs)
        single = not isinstance(item.resourceRef, list)
        return {"id": item.id, "result": results[0] if single else results}

    def _known(asked: Permission) -> Permission:
        """The permission as the plugin declares it, which a caller cannot soften; foreign ones as asked."""
        return permissions.permissions.get(asked.name, asked)

    async def _for_resources(decision: Decision, permission: Permission, refs: list[str]) -> list[str]:
        if decision.result is not Result.CONDITIONAL:
            return [decision.result.value] * len(refs)
        assert decision.conditions is not None
        load = resources.get(permission.resource_type or "")
        loaded = await load(refs) if load is not None else [None] * len(refs)
        criteria = decision.conditions
        return [_word(resource is not None and permissions.meets(criteria, resource)) for resource in loaded]

    async def metadata(request: Request) -> Response:
        plugin = request.path_params["plugin"]
        own = [one.as_json() for one in permissions.permissions.values() if one.plugin == plugin]
        rules = [
            {
                "name": rule.name,
                "description": rule.description,
                "resourceType": rule.resource_type,
                "paramsSchema": {**rule.params, "$schema": "http://json-schema.org/draft-07/schema#"},
            }
            for rule in permissions.rules.values()
            if rule.plugin == plugin
        ]
        return json_answer({"permissions": own, "rules": rules})

    async def apply_conditions(request: Request) -> Response:
        principal = principal_of(request)
        if principal.type != "service" and principal.actor is None:
            raise NotAllowedError("Only plugins may apply conditions")
        body = await read_model(request, ApplyBody)
        _check_size([item.resourceRef for item in body.items])
        answers = []
        for item in body.items:
            criteria = read_criteria(item.conditions)
            if problem := permissions.problem(criteria, item.resourceType):
                raise InputError(problem)
            load = resources.get(item.resourceType)
            if load is None:
                raise InputError(f"Unexpected resource type: {item.resourceType}.")
            refs = item.resourceRef if isinstance(item.resourceRef, list) else [item.resourceRef]
            results = [
                _word(resource is not None and permissions.meets(criteria, resource))
                for resource in await load(refs)
            ]
            answers.append(
                {"id": item.id, "result": results if isinstance(item.resourceRef, list) else results[0]}
            )
        return json_answer({"items": answers})

    known = "/api/{plugin}/.well-known/backstage/permissions"
    return [
        Route(f"{prefix}/authorize", authorize, methods=["POST"]),
        Route(f"{known}/metadata", metadata, methods=["GET"]),
        Route(f"{known}/apply-conditions", apply_conditions, methods=["POST"]),
    ]


def _check_size(refs: Sequence[str | list[str] | None]) -> None:
    if sum(len(ref) for ref in refs if isinstance(ref, list)) > MOST_REFS:
        raise InputError(f"A request names at most {MOST_REFS} resources")


def _word(allowed: bool) -> str:
    return "ALLOW" if allowed else "DENY"


def _shown(decision: Decision) -> dict[str, Any]:
    if decision.result is not Result.CONDITIONAL or decision.conditions is None:
        return {"result": decision.result.value}
    return {
        "result": decision.result.value,
        "pluginId": decision.plugin,
        "resourceType": decision.resource_type,
        "conditions": as_json(decision.conditions),
    }
