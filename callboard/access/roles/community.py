"""Roles in the shapes of Backstage's community RBAC plugin, for the clients that speak it (its docs/apis.md).

Roles can be read and written, what they grant can be read. Its conditional policies are not here: the
document of `api.py` says more than they can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.access.roles.document import Known, Policies, Role
from callboard.access.roles.reading import MAX_BYTES
from callboard.access.roles.service import Roles
from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.core.http import empty, json_answer
from callboard.core.http_body import read_json

_ONE = "/{kind}/{namespace}/{name}"
_PREFIX = "role:default/"


def community_routes(roles: Callable[[], Roles], prefix: str) -> list[Route]:
    """The routes of that plugin which ours has too."""

    async def list_roles(request: Request) -> Response:
        _, document = await roles().current(principal_of(request))
        return json_answer([_shown(role, roles()) for role in document.roles])

    async def one_role(request: Request) -> Response:
        _, document = await roles().current(principal_of(request))
        return json_answer([_shown(document.role(_name(request)), roles())])

    async def create(request: Request) -> Response:
        await roles().check_update(principal_of(request))
        role = _role(await read_json(request, limit=MAX_BYTES), Role(""))
        await roles().change(
            principal_of(request), lambda now: now.with_new(role), comment=f"Created the role {role.name}"
        )
        return empty(201)

    async def update(request: Request) -> Response:
        await roles().check_update(principal_of(request))
        name = _name(request)
        body = await read_json(request, limit=MAX_BYTES)
        old, new = (body.get("oldRole"), body.get("newRole")) if isinstance(body, dict) else (None, None)

        def changed(now: Policies) -> Policies:
            found = now.role(name)
            if not _is_still(found, _role(old, found, "oldRole.")):
                raise ConflictError(f"The role {name} was changed meanwhile; oldRole is not what it is now.")
            return now.with_changed(name, _role(new, found, "newRole."))

        await roles().change(principal_of(request), changed, comment=f"Changed the role {name}")
        return empty(200)

    async def delete(request: Request) -> Response:
        name = _name(request)
        members = {ref.lower() for ref in request.query_params.getlist("memberReferences")}

        def without_members(now: Policies) -> Policies:
            role = now.role(name)
            if missing := sorted(members.difference(role.members)):
                raise NotFoundError(f"{missing[0]} is no member of the role {name}.")
            left = tuple(one for one in role.members if one not in members)
            return now.with_changed(name, replace(role, members=left))

        def whole(now: Policies) -> Policies:
            return now.without(name)

        comment = f"Removed members of the role {name}" if members else f"Deleted the role {name}"
        await roles().change(principal_of(request), without_members if members else whole, comment=comment)
        return empty(204)

    async def policies(request: Request) -> Response:
        _, document = await roles().current(principal_of(request))
        return json_answer(list(_policies(document.roles, roles())))

    async def policies_of(request: Request) -> Response:
        _, document = await roles().current(principal_of(request))
        return json_answer(list(_policies((document.role(_name(request)),), roles())))

    async def permissions(request: Request) -> Response:
        await roles().current(principal_of(request))
        return json_answer(_plugin_permissions(roles().known))

    async def rules(request: Request) -> Response:
        await roles().current(principal_of(request))
        return json_answer(_plugin_rules(roles().known))

    return [
        Route(f"{prefix}/roles", list_roles, methods=["GET"]),
        Route(f"{prefix}/roles", create, methods=["POST"]),
        Route(f"{prefix}/roles{_ONE}", one_role, methods=["GET"]),
        Route(f"{prefix}/roles{_ONE}", update, methods=["PUT"]),
        Route(f"{prefix}/roles{_ONE}", delete, methods=["DELETE"]),
        Route(f"{prefix}/policies", policies, methods=["GET"]),
        Route(f"{prefix}/policies{_ONE}", policies_of, methods=["GET"]),
        Route(f"{prefix}/plugins/policies", permissions, methods=["GET"]),
        Route(f"{prefix}/plugins/condition-rules", rules, methods=["GET"]),
    ]


def _source(roles: Roles) -> str:
    return "configuration" if roles.read_only else "rest"


def _shown(role: Role, roles: Roles) -> dict[str, Any]:
    return {
        "memberReferences": list(role.members),
        "name": _PREFIX + role.name,
        "metadata": {"source": _source(roles), "description": role.description or None},
    }


def _policies(found: Iterable[Role], roles: Roles) -> Iterable[dict[str, Any]]:
    """What roles grant without conditions, one entry a permission."""
    for role in found:
        for grant in role.grants:
            for permission in roles.known.permissions:
                if grant.conditions is None and grant.matches(permission):
                    yield {
                        "entityReference": _PREFIX + role.name,
                        "permission": permission.name,
                        "policy": permission.action or "use",
                        "effect": grant.effect,
                        "metadata": {"source": _source(roles)},
                    }


def _plugin_permissions(known: Known) -> list[dict[str, Any]]:
    ordered = sorted(known.permissions, key=lambda one: one.plugin)
    return [
        {
            "pluginId": plugin,
            "policies": [
                {"name": one.name, "policy": one.action or "use"}
                | ({"resourceType": one.resource_type} if one.resource_type else {})
                for one in permissions
            ],
        }
        for plugin, permissions in groupby(ordered, key=lambda one: one.plugin)
    ]


def _plugin_rules(known: Known) -> list[dict[str, Any]]:
    ordered = sorted(known.rules, key=lambda one: one.plugin)
    return [
        {
            "pluginId": plugin,
            "rules": [
                {
                    "name": one.name,
                    "description": one.description,
                    "resourceType": one.resource_type,
                    "paramsSchema": dict(one.params),
                }
                for one in rules
            ],
        }
        for plugin, rules in groupby(ordered, key=lambda one: one.plugin)
    ]


def _name(request: Request) -> str:
    """The name of the role in the path; only the namespace `default` has any."""
    path = request.path_params
    ref = f"{path['kind']}:{path['namespace']}/{path['name']}".lower()
    if not ref.startswith(_PREFIX):
        raise NotFoundError(f"There is no role {ref}.")
    return ref.removeprefix(_PREFIX)


def _role(value: Any, otherwise: Role, where: str = "") -> Role:
    """A role as clients send it (JSON, hence Any), upon what it was before. `where` stands before fields."""
    if not isinstance(value, dict):
        raise InputError(f"{where.rstrip('.') or 'The body'} must be an object.")
    name, members = value.get("name"), value.get("memberReferences")
    if not isinstance(name, str) or not name.lower().startswith(_PREFIX):
        raise InputError(f"{where}name must have the form {_PREFIX}<name>.")
    if not isinstance(members, list) or not all(isinstance(one, str) for one in members):
        raise InputError(f"{where}memberReferences must be a list of references.")
    metadata = value.get("metadata")
    description = metadata.get("description") if isinstance(metadata, dict) else None
    if description is not None and not isinstance(description, str):
        raise InputError(f"{where}metadata.description must be text.")
    return replace(
        otherwise,
        name=name.lower().removeprefix(_PREFIX),
        members=tuple(one.lower() for one in members),
        description=otherwise.description if description is None else description,
    )


def _is_still(now: Role, said: Role) -> bool:
    """Whether a role is what a client believes; the order of its members says nothing."""
    return now.name == said.name and set(now.members) == set(said.members)
