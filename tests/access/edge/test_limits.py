"""Limits of rates by principal, and of wrong credentials by address."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.access.edge import (
    GuessingLimited,
    RateLimited,
    client_address,
    read_guessing,
    read_rates,
)
from callboard.access.principals import INTERNAL, NOBODY, SCOPE_KEY, Principal
from callboard.core.errors import AuthenticationError, ConfigError
from callboard.core.http import EXCEPTION_HANDLERS, error_answer
from tests.access.edge.configs import config_of

JANE = Principal("user", "user:default/jane", means="session")
JOE = Principal("user", "user:default/joe", means="session")


class Known:
    """Who asks is whoever the header `authorization` names; a real verification is tested elsewhere."""

    def __init__(self, app: ASGIApp, people: dict[str, Principal]) -> None:
        self.app = app
        self.people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"").decode()
        if given and given not in self.people:
            await error_answer(scope, AuthenticationError("Invalid token"))(scope, receive, send)
            return
        scope[SCOPE_KEY] = self.people.get(given, NOBODY)
        await self.app(scope, receive, send)


async def reached(request: Request) -> Response:
    return PlainTextResponse("reached", 404 if "fail" in request.query_params else 200)


def client(peer: str = "10.0.0.1", **keys: Any) -> httpx.AsyncClient:
    config = config_of(**keys)
    rates, guessing, address = read_rates(config), read_guessing(config), client_address(config)
    middleware = [Middleware(Known, {"jane": JANE, "joe": JOE, "internal": INTERNAL})]
    if guessing:
        middleware.insert(0, Middleware(GuessingLimited, guessing, address))
    if rates:
        middleware.append(Middleware(RateLimited, rates, address))
    routes = [
        Route(path, reached) for path in ("/", "/api/catalog/x", "/api/search/x", "/.backstage/health/v1/x")
    ]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=EXCEPTION_HANDLERS)
    transport = httpx.ASGITransport(app, client=(peer, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://here")


async def statuses(
    asked: httpx.AsyncClient, times: int, path: str = "/", who: str = "", **headers: str
) -> list[int]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given |= {"authorization": who} if who else {}
    return [(await asked.get(path, headers=given)).status_code for _ in range(times)]


async def test_there_is_no_limit_unless_it_is_configured() -> None:
    assert read_rates(config_of()) is None
    assert read_rates(config_of(backend__rateLimit=False)) is None
    assert await statuses(client(), 20) == [200] * 20


async def test_true_means_five_a_minute_and_says_when_to_come_again() -> None:
    asked = client(backend__rateLimit=True)
    assert await statuses(asked, 5) == [200] * 5
    refused = await asked.get("/")
    assert refused.status_code == 429
    assert refused.json()["error"] == {
        "name": "Error",
        "message": "Too many requests, please try again later",
    }
    assert 1 <= int(refused.headers["retry-after"]) <= 61


async def test_each_principal_has_a_limit_of_their_own_wherever_they_are() -> None:
    asked = client(backend__rateLimit={"incomingRequestLimit": 2}, backend__trustProxy=True)
    assert await statuses(asked, 2, who="jane", x_forwarded_for="6.6.6.6") == [200, 200]
    assert await statuses(asked, 1, who="jane", x_forwarded_for="7.7.7.7") == [429]
    assert await statuses(asked, 2, who="joe", x_forwarded_for="6.6.6.6") == [200, 200]
    assert await statuses(asked, 3, x_forwarded_for="6.6.6.6") == [200, 200, 429]
    assert await statuses(asked, 1, x_forwarded_for="8.8.8.8") == [200]


async def test_one_network_of_ipv6_counts_as_one_client() -> None:
    asked = client(backend__rateLimit={"incomingRequestLimit": 2}, backend__trustProxy=True)
    seen = [await statuses(asked, 1, x_forwarded_for=f"2001:db8:0:1::{last}") for last in range(1, 4)]
    assert seen == [[200], [200], [429]]


async def test_forging_the_address_helps_nobody_where_no_proxy_is_trusted() -> None:
    asked = client(backend__rateLimit={"incomingRequestLimit": 1})
    seen = [(await statuses(asked, 1, x_forwarded_for=f"6.6.6.{last}"))[0] for last in range(3)]
    assert seen == [200, 429, 429]


async def test_the_window_ends() -> None:
    asked = client(backend__rateLimit={"incomingRequestLimit": 1, "window": {"seconds": 1}})
    assert await statuses(asked, 2) == [200, 429]
    await asyncio.sleep(1.2)
    assert await statuses(asked, 1) == [200]


async def test_loopback_is_exempt_unless_another_list_is_given() -> None:
    assert await statuses(client("127.0.0.1", backend__rateLimit=True), 9) == [200] * 9
    listed = {"incomingRequestLimit": 1, "ipAllowList": ["10.0.0.0/8"]}
    assert await statuses(client("127.0.0.1", backend__rateLimit=listed), 2) == [200, 429]
    assert await statuses(client("10.9.9.9", backend__rateLimit=listed), 2) == [200, 200]


async def test_what_succeeds_or_fails_can_be_left_uncounted() -> None:
    asked = client(backend__rateLimit={"incomingRequestLimit": 2, "skipSuccessfulRequests": True})
    assert await statuses(asked, 5) == [200] * 5
    assert await statuses(asked, 3, "/?fail") == [404, 404, 429]
    asked = client(backend__rateLimit={"incomingRequestLimit": 2, "skipFailedRequests": True})
    assert await statuses(asked, 5, "/?fail") == [404] * 5
    assert await statuses(asked, 3) == [200, 200, 429]


async def test_a_plugin_can_have_a_limit_of_its_own() -> None:
    only = {"global": False, "plugin": {"catalog": {"incomingRequestLimit": 1}}}
    asked = client(backend__rateLimit=only)
    assert await statuses(asked, 2, "/api/catalog/x") == [200, 429]
    assert await statuses(asked, 9, "/api/search/x") == [200] * 9


async def test_health_and_our_own_work_are_not_limited() -> None:
    asked = client(backend__rateLimit={"incomingRequestLimit": 1})
    assert await statuses(asked, 3, "/.backstage/health/v1/x") == [200] * 3
    assert await statuses(asked, 3, who="internal") == [200] * 3


@pytest.mark.parametrize(
    "given",
    [
        7,
        {"window": "soon"},
        {"window": {"seconds": 0}},
        {"incomingRequestLimit": -1},
        {"ipAllowList": ["here"]},
        {"store": {"type": "redis"}},
        {"plugin": {"catalog": 7}},
    ],
)
def test_limits_that_cannot_be_read_are_told(given: Any) -> None:
    with pytest.raises(ConfigError, match=r"backend\.rateLimit"):
        read_rates(config_of(backend__rateLimit=given))


async def test_who_guesses_tokens_is_not_heard_after_sixty_wrong_ones() -> None:
    asked = client()
    assert await statuses(asked, 60, who="wrong") == [401] * 60
    refused = await asked.get("/", headers={"authorization": "wrong again"})
    assert refused.status_code == 429
    assert "retry-after" in refused.headers
    # The right one must not be told from a wrong one now; requests without any go on.
    assert await statuses(asked, 1, who="jane") == [429]
    assert await statuses(asked, 1) == [200]


async def test_guessing_is_counted_by_address_on_loopback_too() -> None:
    asked = client("127.0.0.1", backend__trustProxy="loopback", backend__auth={"failureLimit": {"limit": 2}})
    assert await statuses(asked, 3, who="wrong", x_forwarded_for="6.6.6.6") == [401, 401, 429]
    assert await statuses(asked, 1, who="jane", x_forwarded_for="7.7.7.7") == [200]
    assert await statuses(asked, 3, who="wrong") == [401, 401, 429]


async def test_right_credentials_are_never_counted() -> None:
    assert await statuses(client(backend__auth={"failureLimit": {"limit": 2}}), 9, who="jane") == [200] * 9


async def test_the_protection_can_be_narrowed_and_switched_off() -> None:
    exempt = {"failureLimit": {"limit": 1, "ipAllowList": ["10.0.0.1"]}}
    assert await statuses(client(backend__auth=exempt), 3, who="wrong") == [401] * 3
    assert await statuses(client(backend__auth={"failureLimit": False}), 99, who="wrong") == [401] * 99


@pytest.mark.parametrize("given", [7, {"limit": 0}, {"window": "P0D"}, {"ipAllowList": ["here"]}])
def test_a_protection_that_cannot_be_read_is_told(given: Any) -> None:
    with pytest.raises(ConfigError, match=r"backend\.auth\.failureLimit"):
        read_guessing(config_of(backend__auth={"failureLimit": given}))
