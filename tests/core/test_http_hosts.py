"""Which hosts are answered, through the edge."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from callboard.core.http_edge import Edge
from callboard.core.http_hosts import ANY_ADDRESS, host_check, host_name

ALLOWED = frozenset({"localhost", "127.0.0.1", "::1", "portal.example", "*.teams.example"})


def headers_of(*hosts: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", host.encode()) for host in hosts]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "127.0.0.1:8000",
        "[::1]:8000",
        "portal.example:443",
        "crane.teams.example",
        "a.b.teams.example:8443",
    ],
)
def test_hosts_that_are_allowed_are_answered_with_and_without_a_port(host: str) -> None:
    assert host_check(ALLOWED)(headers_of(host))


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "portal.example.evil.example",
        "teams.example",
        "evilteams.example",
        "*.teams.example.evil.example",
        "portal.example@evil.example",
        "evil.example/portal.example",
        "portal.example:80:80",
        "portal.example:port",
        "portal.example evil.example",
        "[portal.example]",
        "10.0.0.7",
        "2130706433",
        "\u00e9vil.example",
    ],
)
def test_other_hosts_are_not(host: str) -> None:
    assert not host_check(ALLOWED)(headers_of(host))


def test_a_request_names_exactly_one_host() -> None:
    check = host_check(ALLOWED)
    assert not check([])
    assert not check(headers_of("localhost", "evil.example"))
    assert not check(headers_of("evil.example", "localhost"))


def test_a_server_on_all_interfaces_answers_by_any_address_and_by_no_other_name() -> None:
    check = host_check(frozenset({ANY_ADDRESS}))
    assert check(headers_of("10.0.0.7:8000"))
    assert check(headers_of("[2001:db8::7]:8000"))
    assert not check(headers_of("evil.example"))
    assert not check(headers_of(ANY_ADDRESS))


def test_the_name_of_a_host_has_no_port() -> None:
    assert host_name("Portal.Example:443") == "portal.example"
    assert host_name("[2001:DB8::7]:1") == "2001:db8::7"


async def asked(scope: Scope, **options: Any) -> list[Any]:
    sent: list[Any] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await Edge(app, log_requests=False, **options)(scope, receive, send)
    return sent


def scope_of(host: str, kind: str = "http") -> Scope:
    return {
        "type": kind,
        "method": "GET",
        "path": "/api/catalog/entities",
        "raw_path": b"/api/catalog/entities",
        "query_string": b"",
        "headers": headers_of(host),
    }


async def test_an_unknown_host_is_answered_with_421_in_the_envelope_and_safe_headers() -> None:
    start, body = await asked(scope_of("rebound.example"), allowed_hosts=ALLOWED)
    assert start["status"] == 421
    assert (b"x-content-type-options", b"nosniff") in start["headers"]
    assert b'"MisdirectedRequestError"' in body["body"]
    assert b"rebound.example" not in body["body"]


async def test_without_a_list_every_host_is_answered() -> None:
    assert (await asked(scope_of("any.example")))[0]["status"] == 200


@pytest.mark.parametrize(("host", "origin"), [("evil.example", ""), ("localhost", "https://evil.example")])
async def test_a_websocket_is_not_opened_by_other_hosts_and_sites(host: str, origin: str) -> None:
    scope = scope_of(host, "websocket")
    del scope["method"]
    scope["headers"] += [(b"origin", origin.encode())] if origin else []
    assert await asked(scope, allowed_hosts=ALLOWED) == [{"type": "websocket.close", "code": 1008}]
