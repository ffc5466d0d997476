from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from callboard.access.identity import Credentials, Identity, Paths, signed_in
from callboard.access.identity.api import identity_routes
from callboard.access.identity.keys import LEEWAY
from callboard.access.identity.sessions import Facts
from callboard.access.principals import principal_of
from callboard.core.http import EXCEPTION_HANDLERS

ANN = "user:default/ann"
PROVIDERS: dict[str, Any] = {"auth": {"providers": {"github": {"development": {}}}}}
HTML = {"accept": "text/html,*/*"}
STATIC = [
    {
        "type": "static",
        "options": {"token": "a-fixed-token", "subject": "ci"},
        "accessRestrictions": [{"plugin": "catalog"}, {"plugin": "search"}],
    },
    {"type": "static", "options": {"token": "an-open-token", "subject": "robot"}},
]


async def who(request: Request) -> Response:
    found = principal_of(request)
    return JSONResponse(
        {"type": found.type, "subject": found.subject, "means": found.means, "actor": found.actor}
    )


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({"subject": principal_of(socket).subject})
    await socket.close()


def client(identity: Identity, paths: Paths | None = None, **options: Any) -> httpx.AsyncClient:
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    routes = [
        *identity_routes(identity),
        WebSocketRoute("/api/signals", talk),
        Route("/{path:path}", who, methods=methods),
    ]
    inner = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)
    app = Credentials(inner, identity, paths)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://portal", follow_redirects=False, **options
    )


@pytest.fixture
async def guarded(new_node: Any) -> Identity:
    node: Identity = await new_node({**PROVIDERS, "backend": {"auth": {"externalAccess": STATIC}}})
    return node


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def user_token(identity: Identity) -> str:
    return (await identity.tokens.issue_user_token(ANN, []))[0]


async def session_cookie(identity: Identity) -> str:
    _, value = await identity.sessions.create(ANN, [], profile={}, provider="github", facts=Facts())
    return value


async def test_without_providers_everyone_is_let_in(new_node: Any) -> None:
    web = client(await new_node())
    assert (await web.get("/api/catalog/entities")).json()["means"] == "open"
    assert (await web.get("/", headers=HTML)).json()["means"] == "open"
    assert (await web.post("/api/catalog/refresh", json={})).json()["means"] == "open"


async def test_credentials_are_verified_where_none_are_needed(new_node: Any) -> None:
    node = await new_node()
    web = client(node)
    assert (await web.get("/x", headers=bearer(await user_token(node)))).json()["subject"] == ANN
    for headers in (bearer("nonsense"), bearer(""), {"cookie": "callboard-session=nonsense"}):
        answer = await web.get("/api/catalog/entities", headers=headers)
        assert answer.status_code == 401, headers


async def test_the_policy_can_be_switched_off(new_node: Any) -> None:
    switched = {**PROVIDERS, "backend": {"auth": {"dangerouslyDisableDefaultAuthPolicy": True}}}
    web = client(await new_node(switched))
    assert (await web.get("/api/catalog/entities")).json()["means"] == "open"
    assert (await web.get("/api/catalog/entities", headers=bearer("x"))).status_code == 401


async def test_requests_without_credentials_are_refused(guarded: Identity) -> None:
    web = client(guarded)
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = await web.request(method, "/api/catalog/entities?x=1", json={})
        assert answer.status_code == 401
        assert answer.json() == {
            "error": {"name": "AuthenticationError", "message": "Missing credentials"},
            "request": {"method": method, "url": "/entities?x=1"},
            "response": {"statusCode": 401},
        }
    # A browser that opens an API address is not sent away either.
    assert (await web.get("/api/catalog/entities", headers=HTML)).status_code == 401


@pytest.mark.parametrize(
    ("path", "goes_to"),
    [
        ("/", "/sign-in?from=/"),
        (
            "/catalog/default/component/x?tab=a&b=%26",
            "/sign-in?from=/catalog/default/component/x%3Ftab%3Da%26b%3D%2526",
        ),
        ("//evil.example/x", "/sign-in?from=/"),
        ("/%5Cevil.example", "/sign-in?from=/"),
    ],
)
async def test_pages_lead_to_the_sign_in(guarded: Identity, path: str, goes_to: str) -> None:
    answer = await client(guarded).get(f"http://portal{path}", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, goes_to)


async def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(guarded: Identity) -> None:
    answer = await client(guarded).get("/catalog", headers={**HTML, "hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/assets/app.css",
        "/favicon.ico",
        "/.well-known/oauth-client/cli.json",
        "/.backstage/health/v1/readiness",
        "/api/auth/.well-known/jwks.json",
        "/api/auth/.well-known/openid-configuration",
        "/api/catalog/.backstage/auth/v1/jwks.json",
        "/api/auth/github/start",
        "/api/auth/github/handler/frame",
        "/api/auth/github/refresh",
    ],
)
async def test_public_paths_need_no_credentials_and_ignore_bad_ones(guarded: Identity, path: str) -> None:
    web = client(guarded)
    for headers in ({}, bearer("x"), {"cookie": "callboard-session=x"}):
        answer = await web.get(path, headers=headers)
        assert answer.status_code == 200
        assert answer.json().get("type", "none") == "none"


@pytest.mark.parametrize(
    "path",
    [
        "/sign-invite",
        "/assets",
        "/x/assets/app.css",
        "/api/assets/app.css",
        "/api/auth/v1/userinfo",
        "/api/auth/v1/start",
        "/api/auth/v1/refresh",
        "/api/auth/github/started",
        "/api/catalog/sign-in",
        "/api/catalog/x/.backstage/auth/v1/jwks.json",
        "/api/catalog/.backstage/auth/v1/cookie",
        "/api/auth/.well-known",
        "/api//.well-known/x",
        "//sign-in",
        "/%2e%2e/sign-in",
        "/SIGN-IN",
    ],
)
async def test_what_only_looks_public_is_not(guarded: Identity, path: str) -> None:
    assert (await client(guarded).get(f"http://portal{path}")).status_code == 401


async def test_bad_credentials_are_never_a_guest(guarded: Identity, clock: Any) -> None:
    web = client(guarded)
    token = await user_token(guarded)
    clock.now += 3600 + LEEWAY
    for headers in (
        bearer("x"),
        bearer(token),
        {"authorization": "Bearer"},
        {"authorization": "bearer   "},
        bearer("cbp_000000000000000000000000_" + "A" * 43),
    ):
        answer = await web.get("/api/catalog/entities", headers=headers)
        assert (answer.status_code, answer.json()["error"]["message"]) == (401, "Illegal token")


async def test_two_tokens_are_one_too_many(guarded: Identity) -> None:
    token = await user_token(guarded)
    headers = [("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")]
    assert (await client(guarded).get("/api/catalog/entities", headers=headers)).status_code == 401


async def test_another_scheme_is_for_a_proxy(guarded: Identity) -> None:
    cookie = await session_cookie(guarded)
    headers = {"authorization": "Basic eDp5", "cookie": f"callboard-session={cookie}"}
    assert (await client(guarded).get("/api/x", headers=headers)).json()["subject"] == ANN
    assert (await client(guarded).get("/api/x", headers={"authorization": "Basic eDp5"})).status_code == 401


async def test_a_bad_token_is_not_made_good_by_a_session(guarded: Identity) -> None:
    headers = {**bearer("x"), "cookie": f"callboard-session={await session_cookie(guarded)}"}
    assert (await client(guarded).get("/api/x", headers=headers)).status_code == 401


async def test_a_session_opens_pages_and_api(guarded: Identity) -> None:
    web = client(guarded, headers={"cookie": f"callboard-session={await session_cookie(guarded)}"})
    for path in ("/", "/api/catalog/entities", "/sign-in"):
        answer = await web.get(path, headers=HTML)
        assert (answer.json()["subject"], answer.json()["means"]) == (ANN, "session")
        assert "set-cookie" not in answer.headers


async def test_an_ended_session_leads_to_the_sign_in_and_is_forgotten(guarded: Identity) -> None:
    cookie = await session_cookie(guarded)
    await guarded.sessions.revoke_cookie(cookie)
    for value in (cookie, "made-up"):
        web = client(guarded, headers={"cookie": f"callboard-session={value}"})
        page = await web.get("/catalog", headers=HTML)
        assert (page.status_code, page.headers["location"]) == (303, "/sign-in?from=/catalog")
        answer = await web.get("/api/catalog/entities")
        assert answer.status_code == 401
        # The same words, whether there was such a session or not.
        assert answer.json()["error"]["message"] == "The session has ended, sign in again"
        for each in (page, answer):
            assert each.headers["set-cookie"].startswith("callboard-session=; Path=/; Max-Age=0")


async def test_a_session_that_a_neighbouring_site_plants_beside_ours_is_refused(guarded: Identity) -> None:
    ours, theirs = await session_cookie(guarded), await session_cookie(guarded)
    for pair in ((ours, theirs), (theirs, ours)):
        cookies = "; ".join(f"callboard-session={value}" for value in pair)
        assert (await client(guarded).get("/api/x", headers={"cookie": cookies})).status_code == 401


async def test_the_cookie_is_renewed_when_its_secret_is(guarded: Identity, clock: Any) -> None:
    first = await session_cookie(guarded)
    clock.now += 11 * 60
    answer = await client(guarded).get("/api/x", headers={"cookie": f"callboard-session={first}"})
    assert answer.json()["subject"] == ANN
    renewed = answer.headers["set-cookie"]
    assert renewed.startswith("callboard-session=")
    assert "HttpOnly; SameSite=Lax" in renewed
    second = renewed.partition(";")[0].partition("=")[2]
    assert second != first
    answer = await client(guarded).get("/api/x", headers={"cookie": f"callboard-session={second}"})
    assert answer.json()["subject"] == ANN


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "http://portal"}, 200),
        ({"origin": "http://localhost:7007"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "http://portal"}, 200),
        ({}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://portal"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://portal.evil.example"}, 403),
        ({"origin": "http://portal:8080"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "javascript://portal"}, 403),
        ({"referer": "http://portal/x"}, 403),
    ],
)
async def test_changes_by_session_come_from_our_own_pages(
    guarded: Identity, headers: dict[str, str], status: int
) -> None:
    web = client(guarded, headers={"cookie": f"callboard-session={await session_cookie(guarded)}"})
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await web.request(method, "/api/catalog/x", headers=headers, json={})
        assert answer.status_code == status, method
    assert (await web.get("/api/catalog/x", headers=headers)).status_code == 200


async def test_changes_by_token_come_from_anywhere(guarded: Identity) -> None:
    headers = {**bearer(await user_token(guarded)), "sec-fetch-site": "cross-site"}
    assert (await client(guarded).put("/api/catalog/x", headers=headers)).status_code == 200


async def test_a_forged_sign_out_does_nothing(guarded: Identity) -> None:
    cookie = {"cookie": f"callboard-session={await session_cookie(guarded)}", "sec-fetch-site": "cross-site"}
    answer = await client(guarded).post("/api/auth/github/logout", headers=cookie, json={})
    assert answer.json()["type"] == "none"


async def test_a_restricted_token_is_kept_to_its_plugins(guarded: Identity) -> None:
    web = client(guarded, headers=bearer("a-fixed-token"))
    assert (await web.get("/api/catalog/entities")).json()["subject"] == "ci"
    assert (await web.get("/api/search/query")).status_code == 200
    for path in (
        "/api/auth/v1/tokens",
        "/api/catalogue/x",
        "/api//catalog/x",
        "/api/Catalog/x",
        "/",
        "/catalog",
    ):
        answer = await web.get(f"http://portal{path}")
        assert answer.status_code == 403, path
        assert answer.json()["error"] == {
            "name": "NotAllowedError",
            "message": "This token's access is restricted to plugin(s) 'catalog', 'search'",
        }
    assert (await web.get("/api/x", headers=bearer("an-open-token"))).json()["means"] == "external"


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (["read"], "GET", "/api/catalog/entities", 200),
        (["read"], "GET", "/catalog", 200),
        (["read"], "POST", "/api/catalog/entities/by-refs", 200),
        (["read"], "POST", "/api/catalog/refresh", 403),
        (["read"], "PUT", "/api/catalog/entities/by-refs", 403),
        (["read"], "DELETE", "/api/catalog/entities/by-uid/1", 403),
        (["write"], "DELETE", "/api/catalog/entities/by-uid/1", 200),
        (["catalog:read"], "GET", "/api/catalog/entities", 200),
        (["catalog:read"], "GET", "/api/search/query", 403),
        (["catalog:read"], "GET", "/catalog", 403),
        (["catalog:read", "search:write"], "POST", "/api/catalog/refresh", 403),
        (["catalog:read", "search:write"], "POST", "/api/search/x", 200),
        (["read", "catalog:write"], "POST", "/api/catalog/refresh", 200),
        (["read", "catalog:write"], "POST", "/api/search/x", 403),
        (["catalog:write"], "GET", "/api/auth/v1/sessions", 403),
    ],
)
async def test_a_personal_token_is_kept_to_its_scopes(
    guarded: Identity, scopes: list[str], method: str, path: str, status: int
) -> None:
    _, secret = await guarded.personal.create(ANN, "job", scopes, guarded.clock() + 60)
    answer = await client(guarded).request(method, path, headers=bearer(secret), json={})
    assert answer.status_code == status


async def test_limited_tokens_open_cookie_routes_only(guarded: Identity) -> None:
    limited, _ = await guarded.tokens.limited_token(await user_token(guarded))
    web = client(guarded)
    docs = "/api/techdocs/static/docs/default/component/x/index.html"
    for headers in (bearer(limited), {"cookie": f"backstage-auth={limited}"}):
        answer = await web.get(docs, headers=headers)
        assert (answer.json()["subject"], answer.json()["means"]) == (ANN, "limited")
        for method, path in (
            ("GET", "/api/catalog/entities"),
            ("GET", "/api/techdocs/metadata/x"),
            ("GET", "/api/techdocs/static"),
            ("GET", "/"),
            ("POST", docs),
            ("DELETE", docs),
        ):
            assert (await web.request(method, path, headers=headers, json={})).status_code == 401, path


async def test_only_a_limited_token_belongs_into_the_cookie(guarded: Identity) -> None:
    docs = "/api/techdocs/static/docs/x"
    good = await user_token(guarded)
    plugin = await guarded.tokens.issue_plugin_token("catalog", "techdocs")
    for value in (good, plugin, "a-fixed-token", "x", ""):
        answer = await client(guarded).get(docs, headers={"cookie": f"backstage-auth={value}"})
        assert answer.status_code == 401


async def test_a_restricted_token_is_nobody_on_public_paths_it_is_not_for(guarded: Identity) -> None:
    answer = await client(guarded).post("/api/auth/github/refresh", headers=bearer("a-fixed-token"))
    assert answer.json()["type"] == "none"


async def test_routes_can_ask_for_limited_access(guarded: Identity) -> None:
    limited, _ = await guarded.tokens.limited_token(await user_token(guarded))
    paths = Paths().with_limited(r"/api/files/.*").with_public(r"/hello")
    web = client(guarded, paths)
    assert (await web.get("/api/files/x", headers=bearer(limited))).status_code == 200
    assert (await web.get("/hello")).status_code == 200


async def test_a_plugin_token_is_good_for_the_plugin_that_is_called(guarded: Identity) -> None:
    caller = await guarded.authenticate(await user_token(guarded))
    token = await guarded.tokens.issue_plugin_token("catalog", "search", caller)
    web = client(guarded, headers=bearer(token))
    assert (await web.get("/api/search/query")).json() == {
        "type": "user",
        "subject": ANN,
        "means": "plugin",
        "actor": "plugin:catalog",
    }
    for path in ("/api/catalog/entities", "/", "/search"):
        assert (await web.get(path)).status_code == 401


async def socket_to(
    identity: Identity, headers: list[tuple[bytes, bytes]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a WebSocket that is opened on /api/signals gets, and its scope."""
    inner = Starlette(routes=[WebSocketRoute("/api/signals", talk)])
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "websocket",
        "path": "/api/signals",
        "query_string": b"",
        "headers": [(b"host", b"portal"), *headers],
        "scheme": "ws",
        "server": ("portal", 80),
        "subprotocols": [],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await Credentials(inner, identity)(scope, receive, send)
    return sent, scope


async def test_a_web_socket_by_session_comes_from_our_own_pages(guarded: Identity) -> None:
    cookie = (b"cookie", f"callboard-session={await session_cookie(guarded)}".encode())
    sent, _ = await socket_to(guarded, [cookie, (b"origin", b"http://portal")])
    assert [message["type"] for message in sent][:2] == ["websocket.accept", "websocket.send"]
    for headers in ([cookie, (b"origin", b"http://evil.example")], [cookie], []):
        sent, _ = await socket_to(guarded, headers)
        assert [message["type"] for message in sent] == ["websocket.close"]


async def test_a_refused_request_came_from_nobody(guarded: Identity) -> None:
    """What stands outside, such as the audit log, must not take it for an open one."""
    _, scope = await socket_to(guarded, [(b"authorization", b"Bearer x")])
    assert principal_of(scope).type == "none"


async def test_a_planted_session_does_not_survive_the_sign_in(guarded: Identity) -> None:
    planted = await session_cookie(guarded)
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "scheme": "http"}
    headers = [(b"cookie", f"callboard-session={planted}".encode())]
    request = Request({**scope, "headers": headers, "server": ("portal", 80)})
    _, header = await signed_in(guarded, request, "user:default/bob", [], {}, "github")
    web = client(guarded)
    assert (await web.get("/api/x", headers={"cookie": f"callboard-session={planted}"})).status_code == 401
    answer = await web.get("/api/x", headers={"cookie": header.partition(";")[0]})
    assert answer.json()["subject"] == "user:default/bob"
