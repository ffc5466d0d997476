"""Error envelopes, body reading, safe headers and what they cost, through the real ASGI stack."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import structlog
from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.core.errors import ConflictError, NotFoundError, NotModifiedError
from callboard.core.http import EXCEPTION_HANDLERS, empty, json_answer
from callboard.core.http_body import read_json, read_model
from callboard.core.http_edge import Edge
from callboard.core.http_health import health_routes


class Thing(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    target: str
    count: int = 0


async def raising(request: Request) -> Response:
    match request.path_params["what"]:
        case "missing":
            raise NotFoundError("nothing there")
        case "conflict":
            raise ConflictError("a \ud800 surrogate")
        case "unmodified":
            raise NotModifiedError
        case _:
            raise RuntimeError("the secret password is hunter2")


async def thing(request: Request) -> Response:
    return json_answer((await read_model(request, Thing)).model_dump())


async def echo(request: Request) -> Response:
    return json_answer(await read_json(request, limit=2000, seconds=0.2))


async def nothing(_: Request) -> Response:
    return empty()


def application() -> Starlette:
    app = Starlette(
        routes=[
            Route("/api/catalog/raise/{what}", raising, methods=["GET"]),
            Route("/api/catalog/thing", thing, methods=["POST"]),
            Route("/api/catalog/thing", nothing, methods=["GET"]),
            Route("/api/catalog/echo", echo, methods=["POST"]),
            *health_routes(lambda: False),
        ],
        middleware=[Middleware(Edge, log_requests=False)],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.router.redirect_slashes = False
    return app


@pytest.fixture
def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://here")


async def test_an_error_is_told_in_backstages_envelope(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/catalog/raise/missing?a=%20b&c")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == {
        "error": {"name": "NotFoundError", "message": "nothing there"},
        "request": {"method": "GET", "url": "/raise/missing?a=%20b&c"},
        "response": {"statusCode": 404},
    }


async def test_a_message_that_is_no_unicode_still_makes_an_answer(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/catalog/raise/conflict")).status_code == 409


async def test_not_modified_has_no_body(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/catalog/raise/unmodified")
    assert (answer.status_code, answer.content) == (304, b"")


async def test_an_unexpected_exception_tells_the_client_nothing_and_the_log_all(
    client: httpx.AsyncClient,
) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await client.get("/api/catalog/raise/bug")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["error"]["name"] == "Error"
    assert logs[0]["exc_info"]
    assert logs[0]["path"] == "/api/catalog/raise/bug"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/catalog/nothing-here"), ("PUT", "/api/catalog/thing"), ("GET", "/x")]
)
async def test_unknown_routes_and_wrong_methods_are_an_empty_404(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.content) == (404, b"")


async def test_options_lists_the_methods_of_every_route_on_the_path(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/catalog/thing")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_a_trailing_slash_changes_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/catalog/thing/", json={"target": "x"})).json()["target"] == "x"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "request/body must have required property 'target'"),
        ({"count": "x"}, "request/body must have required property 'target'"),
        ({"target": 1}, "request/body/target must be string"),
        ({"target": "x", "count": 1.5}, "request/body/count must be integer"),
        ({"target": "x", "zip": 1}, "request/body must NOT have additional properties: unrecognized 'zip'"),
        ([], "request/body must be object"),
    ],
)
async def test_the_first_mistake_in_a_body_is_named(
    client: httpx.AsyncClient, body: Any, message: str
) -> None:
    answer = await client.post("/api/catalog/thing", json=body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 200),
        (b"  ", 200),
        (b"{not json", 400),
        (b'"text"', 400),
        (b"NaN", 400),
        (b"\xff\xfe", 400),
        (b'{"a":"\\ud800"}', 400),
        (b"[" * 150 + b"]" * 150, 400),
        (b"[" * 90 + b"]" * 90, 200),
        (b"[" * 1500, 400),
        (b'{"a":"' + b"x" * 3000 + b'"}', 413),
    ],
)
async def test_bodies_are_bounded_json(client: httpx.AsyncClient, content: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/api/catalog/echo", content=content, headers=headers)
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["response"] == {"statusCode": status}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/vnd.x+json", 200),
        ("", 200),
        ("text/plain", 415),
    ],
)
async def test_any_json_type_is_read_and_no_other(client: httpx.AsyncClient, kind: str, status: int) -> None:
    answer = await client.post("/api/catalog/echo", content=b"{}", headers={"content-type": kind})
    assert answer.status_code == status


async def test_a_body_that_never_ends_is_given_up() -> None:
    sent: list[Any] = []
    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Any:
        part = next(parts, None)
        if part is None:
            await asyncio.sleep(5)
        return part

    async def send(message: Any) -> None:
        sent.append(message)

    await application()(_scope("POST", "/api/catalog/echo"), receive, send)
    assert sent[0]["status"] == 408


async def test_a_body_without_a_declared_length_is_bounded_too() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await application()(_scope("POST", "/api/catalog/echo"), receive, send)
    assert sent[0]["status"] == 413


async def test_every_answer_carries_the_safe_headers(client: httpx.AsyncClient) -> None:
    for path in ("/api/catalog/thing", "/nothing", "/api/catalog/raise/bug"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://here"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "https://proxied.example"}, 200),
        ({"origin": "https://evil.example", "content-type": "application/json"}, 200),
        ({"origin": "https://evil.example", "content-type": "text/plain"}, 403),
    ],
)
async def test_another_site_cannot_forge_a_post(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await client.post("/api/catalog/echo", content=b"{}", headers=headers)).status_code == status


async def test_readiness_waits_and_liveness_does_not(client: httpx.AsyncClient) -> None:
    ready = await client.get("/.backstage/health/v1/readiness")
    assert (ready.status_code, ready.json()) == (
        503,
        {"message": "Backend has not started yet", "status": "error"},
    )
    live = await client.get("/.backstage/health/v1/liveness")
    assert (live.status_code, live.json()) == (200, {"status": "ok"})


def _scope(method: str, path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"here"), (b"content-type", b"application/json")],
    }
