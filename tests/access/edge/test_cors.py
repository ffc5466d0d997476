"""Pages of other origins, through the edge as the application is put together."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from callboard.access.edge import read_cors
from callboard.core.errors import ConfigError
from callboard.core.http_edge import Edge
from tests.access.edge.configs import config_of

PORTAL = "https://portal.example"


async def reached(_: Request) -> Response:
    return PlainTextResponse("reached")


def client(**keys: Any) -> httpx.AsyncClient:
    cors = read_cors(config_of(**keys))
    edge = Middleware(Edge, log_requests=False, trusts=cors.trusts if cors else None)
    app = Starlette(
        routes=[Route("/api/thing", reached, methods=["GET", "POST", "DELETE"])],
        middleware=[edge, *([Middleware(cors.around)] if cors else [])],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


async def preflight(asked: httpx.AsyncClient, origin: str, method: str = "DELETE") -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization",
    }
    return await asked.options("/api/thing", headers=headers)


def granted(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-allow-")}


async def test_without_settings_no_origin_is_let_in() -> None:
    asked = client()
    assert granted(await preflight(asked, PORTAL)) == {}
    assert granted(await asked.get("/api/thing", headers={"origin": PORTAL})) == {}


async def test_an_origin_that_matches_may_ask_and_read() -> None:
    asked = client(backend__cors={"origin": PORTAL, "credentials": True, "maxAge": 5})
    answer = await preflight(asked, PORTAL)
    assert answer.status_code == 200
    assert granted(answer)["access-control-allow-origin"] == PORTAL
    assert granted(answer)["access-control-allow-credentials"] == "true"
    assert granted(answer)["access-control-allow-headers"] == "authorization"
    assert answer.headers["access-control-max-age"] == "5"
    answer = await asked.get("/api/thing", headers={"origin": PORTAL})
    assert (answer.text, answer.headers["access-control-allow-origin"]) == ("reached", PORTAL)
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://portal.example",
        "https://portal.example:8443",
        "https://portal.example.evil.example",
        "https://evilportal.example",
        "https://portalxexample",
        "null",
        "",
    ],
)
async def test_an_origin_that_does_not_match_is_never_reflected(origin: str) -> None:
    asked = client(backend__cors={"origin": [PORTAL, "https://*.teams.example"], "credentials": True})
    answer = await preflight(asked, origin)
    assert "access-control-allow-origin" not in answer.headers
    answer = await asked.get("/api/thing", headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("pattern", "origin", "expected"),
    [
        ("https://*.teams.example", "https://a.teams.example", True),
        ("https://*.teams.example", "https://a.b.teams.example", True),
        ("https://*.teams.example", "https://evil.example/.teams.example", False),
        ("http?(s)://portal.example", "http://portal.example", True),
        ("http?(s)://portal.example", "https://portal.example", True),
        ("https://@(dev|stage).example", "https://stage.example", True),
        ("https://@(dev|stage).example", "https://prod.example", False),
        ("https://{dev,stage}.example", "https://dev.example", True),
        ("https://p[12].example", "https://p2.example", True),
        ("https://p?.example", "https://px.example", True),
        ("http://localhost:*", "http://localhost:3000", True),
        ("*", "https://evil.example", False),
        ("https://Portal.Example", "https://portal.example", True),
    ],
)
async def test_patterns_are_those_of_backstage(pattern: str, origin: str, expected: bool) -> None:
    answer = await preflight(client(backend__cors={"origin": pattern}), origin)
    assert ("access-control-allow-origin" in answer.headers) is expected


async def test_methods_and_headers_can_be_narrowed() -> None:
    asked = client(backend__cors={"origin": PORTAL, "methods": "get, post", "allowedHeaders": ["x-team"]})
    assert (await preflight(asked, PORTAL, "DELETE")).status_code == 400
    answer = await preflight(asked, PORTAL, "POST")
    assert (answer.status_code, "headers" in answer.text) == (400, True)


async def test_only_an_origin_trusted_with_credentials_may_change_things_from_afar() -> None:
    headers = {"origin": PORTAL, "sec-fetch-site": "cross-site"}
    trusting = client(backend__cors={"origin": PORTAL, "credentials": True})
    assert (await trusting.delete("/api/thing", headers=headers)).status_code == 200
    assert (
        await trusting.delete("/api/thing", headers={"origin": "https://evil.example"})
    ).status_code == 403
    for keys in ({}, {"backend__cors": {"origin": PORTAL}}):
        assert (await client(**keys).delete("/api/thing", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "cors", [{"origin": 7}, {"origin": [PORTAL, 7]}, {"origin": PORTAL, "credentials": "perhaps"}, "x"]
)
def test_settings_that_cannot_be_read_are_told(cors: Any) -> None:
    with pytest.raises(ConfigError, match=r"backend\.cors"):
        read_cors(config_of(backend__cors=cors))
