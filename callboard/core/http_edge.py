"""What surrounds every request: safe headers, the request log, and the answer to unexpected exceptions.

One pure ASGI middleware instead of several, because every layer costs on the hot path (all of this is
measured at a few microseconds a request; tests/core/test_http.py keeps it so).
"""

from __future__ import annotations

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.core.errors import NotAllowedError
from callboard.core.http import JSON_TYPE, envelope, error_answer
from callboard.core.slow import MAX_TEXT, SLOW, SLOW_REQUEST

SAFE_HEADERS: list[tuple[bytes, bytes]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]
CSP = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
)

_log = structlog.get_logger("callboard.request")


class Edge:
    """Wraps the application. With `log_requests` every request is logged: successes at debug, refusals at
    info, failures at warning; without it only unexpected exceptions are."""

    def __init__(self, app: ASGIApp, *, log_requests: bool = True) -> None:
        self.app = app
        self.log_requests = log_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        if path[-1:] == "/" and path != "/":
            # Express answers `/entities/` as `/entities`; a redirect would lose the body of a POST.
            scope = {**scope, "path": path.rstrip("/") or "/"}
        started = perf_counter()
        status = 0

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if (waited := perf_counter() - started) > SLOW_REQUEST:
                    SLOW.note("request", f"{scope['method']} {path}"[:MAX_TEXT], waited)
                headers = [*message.get("headers", ()), *SAFE_HEADERS]
                if not any(name == CSP[0] for name, _ in headers):
                    headers.append(CSP)
                message["headers"] = headers
            await send(message)

        try:
            if scope["method"] == "POST" and _forgeable(scope):
                refused = NotAllowedError("Requests from other sites must be JSON requests")
                await error_answer(scope, refused)(scope, receive, send_safely)
            else:
                await self.app(scope, receive, send_safely)
        except Exception:
            # The last resort, so it catches everything: the client learns nothing, the log all.
            _log.exception("request failed", method=scope["method"], path=path)
            if status:
                raise  # The answer has begun: only the server can break it off.
            await _unexpected(scope, send_safely)
        if self.log_requests:
            # What succeeds is only of interest to who asks for it, as is that a start is not done yet (503);
            # a log below its level costs nothing.
            log = _log.debug if status < 400 or status == 503 else _log.info if status < 500 else _log.warning
            took = round((perf_counter() - started) * 1000, 2)
            log("request", method=scope["method"], path=path, status=status, ms=took)


def _forgeable(scope: Scope) -> bool:
    """Whether a page of another site could have made a browser send this POST without asking first.

    Browsers ask (CORS preflight) before a cross-site request that declares JSON, not before others.
    """
    origin = site = host = b""
    for name, value in scope["headers"]:
        if name == b"content-type" and value[:16].lower() == b"application/json":
            return False
        if name == b"sec-fetch-site":
            site = value
        elif name == b"origin":
            origin = value
        elif name == b"host":
            host = value
    if site:
        return site not in (b"same-origin", b"none")
    return bool(origin) and origin.partition(b"://")[2] != host


async def _unexpected(scope: Scope, send: Send) -> None:
    body = envelope(scope, "Error", "Internal server error", 500)
    length = str(len(body)).encode()
    headers = [(b"content-type", JSON_TYPE.encode()), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
