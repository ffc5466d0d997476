"""HTTP answers: JSON bytes, empty answers, and the one error envelope every plugin speaks.

Reading requests is `http_body`; what surrounds every request (headers, log) is `http_edge`. The envelope
and its names follow contract note A1: `request.url` is relative to the plugin's mount, so a failing
`/api/catalog/entities?x=1` is reported as `/entities?x=1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler, Scope

from callboard.core.errors import CallboardError, InputError, NotModifiedError

JSON_TYPE = "application/json; charset=utf-8"
FOR_EVER = "max-age=31536000, immutable"
"""The Cache-Control of what never changes at its address, beside who may keep it."""
_HEADERS_JSON = {"content-type": JSON_TYPE}


class PayloadTooLargeError(CallboardError):
    """The body is larger than the endpoint reads."""

    name = "PayloadTooLargeError"
    status = 413


class RequestTimeoutError(CallboardError):
    """The body did not arrive in time."""

    name = "RequestTimeoutError"
    status = 408


class UnsupportedMediaTypeError(CallboardError):
    """The body is declared to be something other than JSON."""

    name = "UnsupportedMediaTypeError"
    status = 415


def json_bytes(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer whose JSON is already serialized."""
    return Response(body, status, {**_HEADERS_JSON, **headers} if headers else _HEADERS_JSON)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`value` (whatever JSON can hold, hence Any) as an answer."""
    return json_bytes(orjson.dumps(value), status, headers)


def empty(status: int = 204) -> Response:
    """An answer without a body."""
    return Response(status_code=status)


def mounted_url(scope: Scope) -> str:
    """Path and query as the client sent them, without `/api/<plugin>`."""
    raw: bytes | None = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"])
    path = path.partition("?")[0]
    if path.startswith("/api/"):
        _, slash, rest = path[5:].partition("/")
        path = slash + rest or "/"
    query: bytes = scope.get("query_string", b"")
    return f"{path}?{query.decode('latin-1')}" if query else path


def envelope(scope: Scope, name: str, message: str, status: int) -> bytes:
    """The body of an error answer."""
    return orjson.dumps(
        {
            "error": {"name": name, "message": message},
            "request": {"method": scope["method"], "url": mounted_url(scope)},
            "response": {"statusCode": status},
        }
    )


def error_answer(scope: Scope, error: CallboardError) -> Response:
    """The answer to a request that raised `error`."""
    if isinstance(error, NotModifiedError):
        return empty(304)
    headers = {"connection": "close"} if error.status in (408, 413) else None
    return json_bytes(envelope(scope, error.name, _printable(error), error.status), error.status, headers)


def _printable(error: CallboardError) -> str:
    """The message, fit for JSON: input can carry lone surrogates, which UTF-8 cannot."""
    return str(error).encode("utf-8", "replace").decode()


async def _on_callboard_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CallboardError)
    return error_answer(request.scope, error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the router refuses. Backstage has an empty 404 for unknown routes and for wrong methods."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": ", ".join(_methods_at(request))})
    if error.status_code in (404, 405):
        return empty(404)
    refused = InputError(error.detail)
    body = envelope(request.scope, refused.name, str(refused), error.status_code)
    return json_bytes(body, error.status_code, error.headers)


def _methods_at(request: Request) -> list[str]:
    """Every method some route of the application answers on this path."""
    methods = {"OPTIONS"}
    for route in request.app.routes:
        match, _ = route.matches(request.scope)
        if match.value:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


EXCEPTION_HANDLERS: dict[Any, ExceptionHandler] = {
    CallboardError: _on_callboard_error,
    HTTPException: on_http_exception,
}
"""What Starlette is given; unexpected exceptions are caught outside it, by `http_edge`. The keys are
Any because Starlette declares them so (int or exception class)."""
