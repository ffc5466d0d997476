"""The roles over HTTP: the whole document with its versions, and the explanation of a decision.

The shapes of the community RBAC plugin are in `community.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.access.roles.community import community_routes
from callboard.access.roles.document import Policies
from callboard.access.roles.reading import MAX_BYTES, parse_policies, read_policies
from callboard.access.roles.service import Roles
from callboard.access.roles.store import Version
from callboard.core.errors import InputError, NotFoundError, NotModifiedError
from callboard.core.http import json_answer
from callboard.core.http_body import read_body, read_json

PREFIX = "/api/permission"
PAGE, MAX_PAGE = 50, 500
Endpoint = Callable[[Request], Awaitable[Response]]


def roles_routes(roles: Callable[[], Roles], prefix: str = PREFIX) -> list[Route]:
    """Every route of the roles, below `prefix`. `roles` is asked at each request: it may be made later."""

    async def show(request: Request) -> Response:
        service = roles()
        about, document = await service.current(principal_of(request))
        tag = etag(about, document)
        if tag in request.headers.get("if-none-match", ""):
            raise NotModifiedError
        shown = {**_shown(about, document), "readOnly": service.read_only or None}
        return json_answer(shown, headers={"etag": tag})

    async def save(request: Request) -> Response:
        service = roles()
        document, based_on, comment = await _posted(request, service)
        made = await service.save(principal_of(request), document, based_on=based_on, comment=comment)
        return json_answer(_shown(made, document), headers={"etag": etag(made, document)})

    async def versions(request: Request) -> Response:
        before = _number(request.query_params.get("before"), "before")
        limit = _number(request.query_params.get("limit"), "limit") or PAGE
        found = await roles().versions(principal_of(request), before, min(limit, MAX_PAGE))
        return json_answer({"items": [one.as_json() for one in found]})

    async def version(request: Request) -> Response:
        number = _version(request)
        return json_answer(_shown(*await roles().version(principal_of(request), number)))

    async def restore(request: Request) -> Response:
        body = await read_json(request, limit=MAX_BYTES)
        based_on, comment = _based_on(request, body), _text(body, "comment")
        made = await roles().restore(
            principal_of(request), _version(request), based_on=based_on, comment=comment
        )
        return json_answer(made.as_json(), 201)

    async def explain(request: Request) -> Response:
        body = await read_json(request, limit=MAX_BYTES)
        user, permission = _text(body, "user"), _text(body, "permission")
        if not user or not permission:
            raise InputError("Give the user and the permission to explain.")
        resource = _text(body, "resourceRef") or None
        found = await roles().explain(principal_of(request), user, permission, resource)
        return json_answer(found.as_json())

    return [
        Route(f"{prefix}/policy", show, methods=["GET"]),
        Route(f"{prefix}/policy", save, methods=["PUT"]),
        Route(f"{prefix}/policy/versions", versions, methods=["GET"]),
        Route(f"{prefix}/policy/versions/{{version}}", version, methods=["GET"]),
        Route(f"{prefix}/policy/versions/{{version}}/restore", restore, methods=["POST"]),
        Route(f"{prefix}/explain", explain, methods=["POST"]),
        *community_routes(roles, prefix),
    ]


def etag(about: Version, document: Policies) -> str:
    """Names a version; of a file, which has no versions, its content."""
    if about.version:
        return f'"{about.version}"'
    return f'"0-{hashlib.sha256(document.text().encode()).hexdigest()[:16]}"'


def _shown(about: Version, document: Policies) -> dict[str, Any]:
    return {**about.as_json(), "document": document.as_json()}


async def _posted(request: Request, service: Roles) -> tuple[Policies, int, str]:
    """The document, the version it is based on, and the comment.

    JSON is `{document, version?, comment?}`; YAML is the document alone, with `If-Match` and `?comment=`.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media in ("application/yaml", "application/x-yaml", "text/yaml"):
        content = await read_body(request, limit=MAX_BYTES)
        # Who may not change the roles learns nothing of what a document could name.
        await service.check_update(principal_of(request))
        based_on = _based_on(request, {})
        return parse_policies(content, None, service.known), based_on, request.query_params.get("comment", "")
    body = await read_json(request, limit=MAX_BYTES)
    await service.check_update(principal_of(request))
    based_on = _based_on(request, body)
    if "document" not in body:
        raise InputError("Give the document.")
    return read_policies(body["document"], service.known), based_on, _text(body, "comment")


def _based_on(request: Request, body: Any) -> int:
    """The version a change is based on: `If-Match`, or `version` in the body (JSON, hence Any)."""
    given = request.headers.get("if-match", "").removeprefix("W/").strip('"').partition("-")[0]
    if given.isdecimal() and given.isascii() and len(given) < 10:
        return int(given)
    version = body.get("version") if isinstance(body, dict) else None
    if given or not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise InputError("Say which version the change is based on, with If-Match or version.")
    return version


def _text(body: Any, name: str) -> str:
    """A text of the body (JSON, hence Any); nothing where it is not given."""
    if not isinstance(body, dict):
        raise InputError("The body must be an object.")
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name} must be text.")
    return value or ""


def _number(text: str | None, name: str) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and 0 < len(text) < 10) or int(text) == 0:
        raise InputError(f"{name} must be a whole number from 1.")
    return int(text)


def _version(request: Request) -> int:
    text: str = request.path_params["version"]
    if not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise NotFoundError(f"There is no version {text} of the roles.")
    return int(text)
