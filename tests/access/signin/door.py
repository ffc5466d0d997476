"""A portal's door inside a test: identity, sign-in and a route that says who asks, behind real middleware."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.identity.credentials import Credentials
from callboard.access.identity.directory import Directory
from callboard.access.identity.service import Identity
from callboard.access.principals import principal_of
from callboard.access.signin import SignInParts, read_signin_settings, signin_routes
from callboard.access.signin.pending import PendingStore
from callboard.access.signin.service import SignInEvent
from callboard.core.config import Config, load_config
from callboard.core.database import Database
from callboard.core.http import EXCEPTION_HANDLERS, json_answer
from callboard.core.http_edge import Edge
from tests.access.signin.idp import PORTAL, through
from tests.access.signin.people import PEOPLE

SESSION = "callboard-session"


def config_of(providers: Mapping[str, Any], **more: Any) -> Config:
    """A configuration with these `auth.providers`; `more` are other keys, with `_` for dots."""
    keys = {"auth_providers": providers, "app_baseUrl": PORTAL, "backend_baseUrl": PORTAL, **more}
    environment = {f"APP_CONFIG_{key}": json.dumps(value) for key, value in keys.items()}
    return load_config([], environment)


class Door:
    """`browser()` gives a new browser: it keeps cookies and follows no redirect."""

    def __init__(self, app: Starlette, identity: Identity, database: Database) -> None:
        self.app = app
        self.identity = identity
        self.database = database
        self.events: list[SignInEvent] = []
        self._browsers: list[httpx.AsyncClient] = []

    def browser(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        client = httpx.AsyncClient(transport=transport, base_url=PORTAL)
        self._browsers.append(client)
        return client

    async def close(self) -> None:
        for one in self._browsers:
            await one.aclose()


async def begin(browser: httpx.AsyncClient, provider: str, **query: str) -> str:
    """The address at the provider that a sign-in sends the browser to."""
    asked = urlencode({"env": "development", "flow": "redirect", "redirectUrl": "/catalog", **query})
    answer = await browser.get(f"/api/auth/{provider}/start?{asked}")
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def sign_in(browser: httpx.AsyncClient, provider: str, login: str, **query: str) -> httpx.Response:
    """The answer of the callback after the whole way through the provider."""
    return await browser.get(await through(await begin(browser, provider, **query), login))


async def who(browser: httpx.AsyncClient) -> str:
    """Who the portal takes the browser for: an entity ref, or `anonymous`."""
    answer = await browser.get("/sign-in/who")
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["name"]
    return found


@asynccontextmanager
async def opened(
    database_url: str,
    providers: Mapping[str, Any],
    *,
    directory: Directory | None = PEOPLE,
    per_minute: int = 1000,
    **config: Any,
) -> AsyncIterator[Door]:
    settings = config_of(providers, auth_signInAttemptsPerMinute=per_minute, **config)
    database = Database(database_url)
    identity = Identity(database, settings, directory)
    pending = PendingStore(database)
    await identity.start()
    await pending.migrate()
    events: list[SignInEvent] = []
    parts = SignInParts(
        settings=read_signin_settings(settings),
        identity=identity,
        pending=pending,
        heard=lambda _, event: events.append(event),
    )

    async def tell_who(request: Request) -> Response:
        return json_answer({"name": principal_of(request).name, "owns": principal_of(request).owns})

    app = Starlette(
        routes=[*signin_routes(parts), Route("/sign-in/who", tell_who)],
        middleware=[Middleware(Edge, log_requests=False), Middleware(Credentials, identity=identity)],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    door = Door(app, identity, database)
    door.events = events
    try:
        yield door
    finally:
        await door.close()
        await identity.stop()
        await database.close()
