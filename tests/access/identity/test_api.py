from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette

from callboard.access.identity import Credentials, Identity
from callboard.access.identity.api import identity_routes
from callboard.access.identity.sessions import Facts
from callboard.core.http import EXCEPTION_HANDLERS

ANN, BOB = "user:default/ann", "user:default/bob"
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
async def guarded(new_node: Any) -> Identity:
    values = {
        "auth": {"providers": {"github": {}}},
        "backend": {
            "baseUrl": "https://dev.acme.org/",
            "auth": {
                "externalAccess": [{"type": "static", "options": {"token": "fixed-token", "subject": "ci"}}]
            },
        },
    }
    node: Identity = await new_node(values)
    return node


def client(identity: Identity, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    inner = Starlette(routes=identity_routes(identity), exception_handlers=EXCEPTION_HANDLERS)
    transport = httpx.ASGITransport(Credentials(inner, identity))
    return httpx.AsyncClient(transport=transport, base_url="http://portal", headers=headers)


async def browser(identity: Identity, user: str = ANN) -> httpx.AsyncClient:
    """A browser where the user is signed in."""
    _, cookie = await identity.sessions.create(
        user, ["group:default/crew"], profile={}, provider="github", facts=Facts("Firefox", "192.0.2.7")
    )
    return client(identity, {"cookie": f"callboard-session={cookie}", **OWN})


async def with_token(identity: Identity, user: str = ANN) -> httpx.AsyncClient:
    token, _ = await identity.tokens.issue_user_token(user, ["group:default/crew"])
    return client(identity, {"authorization": f"Bearer {token}"})


async def test_others_can_verify_our_tokens_with_the_published_keys(guarded: Identity) -> None:
    web = client(guarded)
    settings = (await web.get("/api/auth/.well-known/openid-configuration")).json()
    assert settings["issuer"] == "https://dev.acme.org/api/auth"
    assert settings["jwks_uri"] == "https://dev.acme.org/api/auth/.well-known/jwks.json"
    assert settings["id_token_signing_alg_values_supported"] == ["ES256"]
    keys = (await web.get("/api/auth/.well-known/jwks.json")).json()
    assert keys == (await web.get("/api/catalog/.backstage/auth/v1/jwks.json")).json()
    token, _ = await guarded.tokens.issue_user_token(ANN, [])
    read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"])
    assert read.claims["sub"] == ANN


async def test_userinfo_tells_who_asks_and_what_they_own(guarded: Identity) -> None:
    wanted = {"sub": ANN, "ent": [ANN, "group:default/crew"]}
    for web in (await with_token(guarded), await browser(guarded)):
        answer = await web.get("/api/auth/v1/userinfo")
        assert answer.json() == wanted
        assert answer.headers["cache-control"] == "no-store"
    assert (await client(guarded).get("/api/auth/v1/userinfo")).status_code == 401
    service = client(guarded, {"authorization": "Bearer fixed-token"})
    assert (await service.get("/api/auth/v1/userinfo")).status_code == 401


async def test_the_cookie_of_backstage_is_given_and_taken(guarded: Identity, clock: Any) -> None:
    for web in (await with_token(guarded), await browser(guarded)):
        answer = await web.get("/api/techdocs/.backstage/auth/v1/cookie")
        assert answer.status_code == 200
        expires = datetime.fromisoformat(answer.json()["expiresAt"])
        assert expires == datetime.fromtimestamp(int(clock.now) + 3600, UTC)
        name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
        assert name == "backstage-auth"
        flags = answer.headers["set-cookie"].partition("; ")[2]
        assert flags == "Path=/api/techdocs; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
        assert (await guarded.authenticate(value, limited=True)).user == ANN
        taken = await web.delete("/api/techdocs/.backstage/auth/v1/cookie")
        assert taken.status_code == 204
        assert taken.headers["set-cookie"].startswith("backstage-auth=; Path=/api/techdocs; Max-Age=0;")


async def test_only_users_who_signed_in_get_the_cookie(guarded: Identity) -> None:
    path = "/api/techdocs/.backstage/auth/v1/cookie"
    assert (await client(guarded).get(path)).status_code == 401
    _, secret = await guarded.personal.create(ANN, "job", ["write"], guarded.clock() + 60)
    plugin = await guarded.tokens.issue_plugin_token("catalog", "techdocs")
    for token in ("fixed-token", secret, plugin):
        assert (await client(guarded, {"authorization": f"Bearer {token}"}).get(path)).status_code == 403


async def test_where_nobody_signs_in_the_cookie_is_not_needed(new_node: Any) -> None:
    answer = await client(await new_node()).get("/api/techdocs/.backstage/auth/v1/cookie")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


async def test_a_user_makes_lists_and_revokes_tokens(guarded: Identity, clock: Any) -> None:
    web = await browser(guarded)
    expires = datetime.fromtimestamp(clock.now, UTC) + timedelta(days=7)
    body = {"name": "nightly", "scopes": ["catalog:read"], "expiresAt": expires.isoformat()}
    made = await web.post("/api/auth/v1/tokens", json=body)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret = made.json().pop("token")
    (listed,) = (await web.get("/api/auth/v1/tokens")).json()["items"]
    assert listed == {
        "id": made.json()["id"],
        "name": "nightly",
        "scopes": ["catalog:read"],
        "createdAt": "2027-01-15T08:00:00.000Z",
        "expiresAt": "2027-01-22T08:00:00.000Z",
        "lastUsedAt": None,
    }
    assert (await guarded.authenticate(secret)).user == ANN
    assert (await web.delete(f"/api/auth/v1/tokens/{listed['id']}")).status_code == 204
    assert (await web.delete(f"/api/auth/v1/tokens/{listed['id']}")).status_code == 404
    assert (await web.get("/api/auth/v1/tokens")).json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "request/body must have required property 'name'"),
        ({"name": "x", "scopes": "read"}, "request/body/scopes must be array"),
        ({"name": 7, "scopes": ["read"]}, "request/body/name must be string"),
        ({"name": "x", "scopes": ["read"], "user": BOB}, "unrecognized 'user'"),
        ({"name": "x", "scopes": ["root"]}, "scopes must be a list of"),
        ({"name": "x", "scopes": ["read"], "expiresAt": "soon"}, "must be a time in ISO 8601"),
        ({"name": "x", "scopes": ["read"], "expiresAt": "9999-12-31T23:59:59Z"}, "within 365 days"),
        ({"name": "x", "scopes": ["read"], "expiresAt": "0001-01-01T00:00:00"}, "within 365 days"),
    ],
)
async def test_a_token_that_makes_no_sense_is_not_made(guarded: Identity, body: Any, says: str) -> None:
    answer = await (await browser(guarded)).post("/api/auth/v1/tokens", json=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]


async def test_a_token_cannot_make_tokens(guarded: Identity) -> None:
    body = {"name": "longer life", "scopes": ["write"]}
    _, secret = await guarded.personal.create(ANN, "job", ["write"], guarded.clock() + 60)
    for web in (
        await with_token(guarded),
        client(guarded, {"authorization": f"Bearer {secret}"}),
        client(guarded, {"authorization": "Bearer fixed-token"}),
    ):
        assert (await web.post("/api/auth/v1/tokens", json=body)).status_code == 403
    personal = client(guarded, {"authorization": f"Bearer {secret}"})
    for method, path in (
        ("GET", "tokens"),
        ("DELETE", "tokens/x"),
        ("GET", "sessions"),
        ("DELETE", "sessions"),
    ):
        assert (await personal.request(method, f"/api/auth/v1/{path}")).status_code == 403


async def test_nobody_sees_or_ends_what_belongs_to_another(guarded: Identity) -> None:
    token, secret = await guarded.personal.create(BOB, "job", ["read"], guarded.clock() + 60)
    bob, ann = await browser(guarded, BOB), await browser(guarded)
    (session,) = await guarded.sessions.of(BOB)
    assert (await ann.get("/api/auth/v1/tokens")).json() == {"items": []}
    assert [one["id"] for one in (await ann.get("/api/auth/v1/sessions")).json()["items"]] != [session.id]
    # The same answer as for what does not exist at all.
    for path, other in ((f"tokens/{token.id}", "tokens/x"), (f"sessions/{session.id}", "sessions/x")):
        real, unreal = [await ann.delete(f"/api/auth/v1/{one}") for one in (path, other)]
        assert (real.status_code, real.json()["error"]) == (404, unreal.json()["error"])
    assert (await guarded.authenticate(secret)).user == BOB
    assert (await bob.get("/api/auth/v1/sessions")).status_code == 200


async def test_a_user_lists_and_ends_sessions(guarded: Identity) -> None:
    here, there = await browser(guarded), await browser(guarded)
    items = (await here.get("/api/auth/v1/sessions")).json()["items"]
    assert sorted(one["current"] for one in items) == [False, True]
    assert {(one["provider"], one["userAgent"], one["ip"]) for one in items} == {
        ("github", "Firefox", "192.0.2.7")
    }
    other = next(one["id"] for one in items if not one["current"])
    assert (await here.delete(f"/api/auth/v1/sessions/{other}")).status_code == 204
    assert (await there.get("/api/auth/v1/sessions")).status_code == 401
    assert (await here.get("/api/auth/v1/sessions")).status_code == 200


async def test_a_user_signs_out_everywhere(guarded: Identity) -> None:
    here, there, token = await browser(guarded), await browser(guarded), await with_token(guarded)
    assert (await here.delete("/api/auth/v1/sessions?keep=all")).status_code == 400
    assert (await here.delete("/api/auth/v1/sessions?keep=current")).status_code == 204
    assert (await there.get("/api/auth/v1/sessions")).status_code == 401
    assert (await token.get("/api/auth/v1/userinfo")).status_code == 401
    assert (await here.get("/api/auth/v1/userinfo")).status_code == 200
    assert (await here.delete("/api/auth/v1/sessions")).status_code == 204
    assert (await here.get("/api/auth/v1/userinfo")).status_code == 401


async def test_changes_to_sessions_cannot_be_asked_for_by_another_site(guarded: Identity) -> None:
    web = await browser(guarded)
    for method, path in (("DELETE", "sessions"), ("POST", "tokens")):
        forged = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
        assert (await web.request(method, f"/api/auth/v1/{path}", headers=forged)).status_code == 403
