"""Which requests another site could have had a browser send, through the edge."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from callboard.core.http_edge import Edge

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def reached(_: Request) -> Response:
    return PlainTextResponse("reached")


def client(**options: object) -> httpx.AsyncClient:
    edge = Middleware(Edge, log_requests=False, **options)  # type: ignore[arg-type]  # the options of each test
    app = Starlette(routes=[Route("/thing", reached, methods=list(METHODS))], middleware=[edge])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here:8000")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", **JSON},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "http://here"},  # another port is another origin
        {"origin": "http://here:8001"},
        {"origin": "http://here:8000.evil.example"},
        {"origin": "http://evil.example#@here:8000"},
        {"origin": "file://here:8000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin, cross-site"},
        {"origin": "https://evil.example", "content-type": "text/plain; application/json"},
        {"origin": "https://evil.example", "content-type": "application/jsonfoo"},
        {"origin": "https://evil.example", "content-type": "application/json, text/plain"},
        {"origin": "https://evil.example", "content-type": "multipart/form-data; boundary=application/json"},
        {"cookie": "callboard-session=x", **FORM},
        {"cookie": "callboard-session=x", "referer": "https://evil.example/here:8000", **FORM},
    ],
)
async def test_what_a_browser_could_be_made_to_send_is_refused(method: str, headers: dict[str, str]) -> None:
    answer = await client().request(method, "/thing", headers=headers)
    assert (answer.status_code, answer.json()["error"]["name"]) == (403, "NotAllowedError")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        FORM,
        {"authorization": "Bearer x"},
        {"origin": "http://here:8000"},
        {"origin": "https://HERE:8000", **FORM},  # a proxy may have ended TLS
        {"sec-fetch-site": "same-origin", "origin": "https://proxied.example"},
        {"sec-fetch-site": "none", **FORM},
        {"cookie": "callboard-session=x", "origin": "http://here:8000", **FORM},
        {"cookie": "callboard-session=x", "referer": "http://here:8000/settings", **FORM},
        {"cookie": "callboard-session=x", **JSON},
    ],
)
async def test_pages_of_ours_and_scripts_are_let_in(method: str, headers: dict[str, str]) -> None:
    assert (await client().request(method, "/thing", headers=headers)).status_code == 200


@pytest.mark.parametrize(("origin", "host"), [("https://here", "here:443"), ("http://here:80", "here")])
async def test_the_usual_port_may_be_named_or_not(origin: str, host: str) -> None:
    answer = await client().post("/thing", headers={"origin": origin, "host": host})
    assert answer.status_code == 200


async def test_json_may_be_posted_from_anywhere_because_browsers_ask_first() -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    for kind in ("application/json", "Application/JSON; charset=utf-8"):
        assert (await client().post("/thing", headers={**headers, "content-type": kind})).status_code == 200
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await client().request(method, "/thing", headers={**headers, **JSON})).status_code == 403


async def test_several_content_types_or_origins_are_one_trick_too_many() -> None:
    twice = [
        ("origin", "https://evil.example"),
        ("content-type", "application/json"),
        ("content-type", "text/plain"),
    ]
    assert (await client().post("/thing", headers=twice)).status_code == 403
    twice = [("origin", "http://here:8000"), ("origin", "https://evil.example")]
    assert (await client().post("/thing", headers=twice)).status_code == 403


async def test_reading_is_open_to_links_of_other_sites() -> None:
    headers = {"sec-fetch-site": "cross-site", "cookie": "callboard-session=x"}
    assert (await client().get("/thing", headers=headers)).status_code == 200


async def test_an_origin_that_is_trusted_may_change_things() -> None:
    trusting = client(trusts=lambda origin: origin == "https://portal.example")
    for origin, status in (("https://portal.example", 200), ("https://evil.example", 403), ("null", 403)):
        headers = {"origin": origin, "sec-fetch-site": "cross-site"}
        assert (await trusting.delete("/thing", headers=headers)).status_code == status
