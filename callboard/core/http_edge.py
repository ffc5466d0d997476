"""What surrounds every request: which are let in at all, safe headers, the log, and unexpected exceptions.

One pure ASGI middleware instead of several, because every layer costs on the hot path (all of this is
measured at a few microseconds a request; tests/core/test_http.py keeps it so).
"""

from __future__ import annotations

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.core.errors import CallboardError, NotAllowedError
from callboard.core.http import JSON_TYPE, envelope, error_answer
from callboard.core.http_forgery import CHANGING, Trusts, forgeable
from callboard.core.http_hosts import MisdirectedRequestError, host_check
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
    info, failures at warning; without it only unexpected exceptions are.

    `allowed_hosts` are the hosts that are answered, as `http_hosts.host_check` takes them; None answers any.
    `trusts` tells which other origins may change things here, as `http_forgery.forgeable` takes it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        log_requests: bool = True,
        allowed_hosts: frozenset[str] | None = None,
        trusts: Trusts | None = None,
    ) -> None:
        self.app = app
        self.log_requests = log_requests
        self._knows_host = None if allowed_hosts is None else host_check(allowed_hosts)
        self._trusts = trusts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket" and self._refusal(scope) is not None:
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        if path[-1:] == "/" and path != "/":
            # Express answers `/entities/` as `/entities`; a redirect would lose the body of a POST. The scope
            # itself is changed, so that what stands around this sees what those inside put into it.
            scope["path"] = path.rstrip("/") or "/"
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
            if (refused := self._refusal(scope)) is not None:
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

    def _refusal(self, scope: Scope) -> CallboardError | None:
        """Why a request is not even routed. A WebSocket is opened without asking first, as a form is sent."""
        headers = scope["headers"]
        if self._knows_host is not None and not self._knows_host(headers):
            return MisdirectedRequestError(
                "This server does not answer for that host; backend.allowedHosts lists those it does"
            )
        method = scope.get("method", "GET" if scope["type"] == "http" else "PUT")
        if method in CHANGING and forgeable(method, headers, self._trusts):
            return NotAllowedError(
                "Requests from other sites must be JSON requests, and must not be PUT, PATCH or DELETE"
            )
        return None


async def _unexpected(scope: Scope, send: Send) -> None:
    body = envelope(scope, "Error", "Internal server error", 500)
    length = str(len(body)).encode()
    headers = [(b"content-type", JSON_TYPE.encode()), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
