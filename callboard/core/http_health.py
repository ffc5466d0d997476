"""The health endpoints that load balancers and orchestrators ask."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.core.http import json_bytes

_OK = b'{"status":"ok"}'
_STARTING = b'{"message":"Backend has not started yet","status":"error"}'


def health_routes(ready: Callable[[], bool]) -> list[Route]:
    """Readiness is 503 until `ready()`; liveness is 200 while the process answers at all."""

    async def readiness(_: Request) -> Response:
        return json_bytes(_OK) if ready() else json_bytes(_STARTING, 503)

    async def liveness(_: Request) -> Response:
        return json_bytes(_OK)

    return [
        Route("/.backstage/health/v1/readiness", readiness, methods=["GET"]),
        Route("/.backstage/health/v1/liveness", liveness, methods=["GET"]),
    ]
