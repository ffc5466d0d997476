"""Sign-in by what the request itself says: a proxy's headers, a signed token in one, and the guest."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from callboard.access.identity.remote_keys import RemoteKeySet
from callboard.access.signin.profile import SignInError
from callboard.access.signin.verify import Expected, verified_claims
from tests.access.signin.conftest import OpenDoor
from tests.access.signin.door import SESSION, Door, who
from tests.access.signin.listener import Listener, listening
from tests.access.signin.people import JANE, TEAM

PROXY, STRANGER = "10.0.0.7", "192.0.2.1"
BY_NAME = {"resolvers": [{"resolver": "forwardedUserMatchingUserEntityName"}]}
PROXIED = {"trustedAddresses": ["10.0.0.0/24", "::1"], "signIn": BY_NAME}
START = "/start?env=development&flow=redirect&redirectUrl=/catalog"


@pytest.fixture(params=["oauth2Proxy", "oauth2-proxy"])
async def proxied(request: pytest.FixtureRequest, open_door: OpenDoor) -> tuple[Door, str]:
    door = await open_door({request.param: {"development": PROXIED}})
    return door, f"/api/auth/{request.param}"


async def test_the_proxy_says_who_it_is(proxied: tuple[Door, str]) -> None:
    door, path = proxied
    browser = door.browser(PROXY)
    answer = await browser.get(path + START, headers={"x-forwarded-user": "jane"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/catalog"
    assert await who(browser) == JANE


async def test_clients_of_backstage_ask_refresh_and_get_a_session(proxied: tuple[Door, str]) -> None:
    door, path = proxied
    browser = door.browser(PROXY)
    answer = await browser.get(path + "/refresh", headers={"x-forwarded-user": "jane"})
    assert answer.json()["backstageIdentity"]["identity"]["ownershipEntityRefs"] == [JANE, TEAM]
    first = browser.cookies[SESSION]
    await browser.get(path + "/refresh", headers={"x-forwarded-user": "jane"})
    assert browser.cookies[SESSION] == first


async def test_nobody_else_is_believed(proxied: tuple[Door, str]) -> None:
    door, path = proxied
    browser = door.browser(STRANGER)
    for forged in ({}, {"x-forwarded-for": PROXY}, {"x-real-ip": PROXY, "forwarded": f"for={PROXY}"}):
        headers = {"x-forwarded-user": "jane", **forged}
        assert (await browser.get(path + "/refresh", headers=headers)).status_code == 401
        answer = await browser.get(path + START, headers=headers)
        assert answer.headers["location"].startswith("/sign-in?error=denied")
    assert await who(browser) == "anonymous"


async def test_a_header_that_is_missing_or_sent_twice_names_nobody(proxied: tuple[Door, str]) -> None:
    door, path = proxied
    browser = door.browser(PROXY)
    assert (await browser.get(path + "/refresh")).status_code == 401
    twice = [("x-forwarded-user", "jane"), ("x-forwarded-user", "sam")]
    assert (await browser.get(path + "/refresh", headers=twice)).status_code == 401
    assert (await browser.get(path + "/handler/frame")).status_code == 404


async def test_when_the_proxy_names_another_user_the_session_follows(proxied: tuple[Door, str]) -> None:
    door, path = proxied
    browser = door.browser(PROXY)
    for name in ("jane", "sam"):
        answer = await browser.get(path + "/refresh", headers={"x-forwarded-user": name})
        found = answer.json()["backstageIdentity"]["identity"]["userEntityRef"]
        assert found == f"user:default/{name}"
        assert await who(browser) == found


async def test_a_plain_header_of_any_name_will_do(open_door: OpenDoor) -> None:
    headers = {"user": "X-Who", "email": "X-Mail"}
    given = {
        **PROXIED,
        "headers": headers,
        "signIn": {"resolvers": [{"resolver": "emailMatchingUserEntityProfileEmail"}]},
    }
    door = await open_door({"trusted-header": given})
    browser = door.browser(PROXY)
    told = {"x-who": "whoever", "x-mail": "jane@harbour.example"}
    assert (await browser.get("/api/auth/trusted-header/refresh", headers=told)).status_code == 200
    assert await who(browser) == JANE


@pytest.fixture
async def keys() -> AsyncIterator[Listener]:
    """A key set on a real address, with its private key."""
    key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
    async with listening({"/keys": {"keys": [key.as_dict(private=False)]}}) as listener:
        listener.key = key
        yield listener


def token(key: Any, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(time.time())
    whole = {
        "iss": "https://proxy.example",
        "aud": "portal",
        "sub": "jane",
        "preferred_username": "jane",
        "exp": now + 60,
        "iat": now,
        **claims,
    }
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "one", **(header or {})}, kept, key)


def forged(secret: bytes | None) -> str:
    """A token that jane's own claims are in, with a shared secret or no signature at all."""
    algorithm = "none" if secret is None else "HS256"
    claims = token(ECKey.generate_key("P-256")).split(".")[1]
    header = _base64(orjson.dumps({"alg": algorithm, "kid": "one", "typ": "JWT"}))
    mac = b"" if secret is None else hmac.digest(secret, f"{header}.{claims}".encode(), "sha256")
    return f"{header}.{claims}.{_base64(mac)}"


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


async def test_a_signed_header_must_be_signed_current_and_for_us(open_door: OpenDoor, keys: Listener) -> None:
    signed = {
        "header": "x-token",
        "jwksUrl": f"{keys.address}/keys",
        "issuer": "https://proxy.example",
        "audience": "portal",
    }
    door = await open_door({"trusted-header": {**PROXIED, "jwt": signed}})
    path = "/api/auth/trusted-header/refresh"
    past = int(time.time()) - 3600
    public = keys.key.as_pem(private=False)
    bad = {
        "another key": token(ECKey.generate_key("P-256"), {}),
        "an unknown key id": token(keys.key, {"kid": "two"}),
        "no signature": forged(None),
        "the public key as a secret": forged(public),
        "another issuer": token(keys.key, iss="https://evil.example"),
        "another audience": token(keys.key, aud="another"),
        "expired": token(keys.key, exp=past),
        "endless": token(keys.key, exp=None),
        "of the future": token(keys.key, nbf=int(time.time()) + 3600),
        "nobody": token(keys.key, sub=None),
        "not a token": "jane",
        "nothing": "",
        "too long": token(keys.key, filler="x" * 40_000),
    }
    for why, value in bad.items():
        browser = door.browser(PROXY)
        assert (await browser.get(path, headers={"x-token": value})).status_code == 401, why
        assert await who(browser) == "anonymous"
    good = {"x-token": f"Bearer {token(keys.key)}"}
    assert (await door.browser(STRANGER).get(path, headers=good)).status_code == 401
    browser = door.browser(PROXY)
    assert (await browser.get(path, headers=good)).status_code == 200
    assert await who(browser) == JANE


async def test_an_id_token_is_for_one_client_and_for_one_sign_in(keys: Listener) -> None:
    expected = Expected("https://proxy.example", "portal", ("ES256",), nonce="the nonce")
    remote = RemoteKeySet(f"{keys.address}/keys", time.time)
    good = token(keys.key, nonce="the nonce")
    assert (await verified_claims(good, remote, expected))["sub"] == "jane"
    bad = {
        "several audiences": token(keys.key, nonce="the nonce", aud=["portal", "another"]),
        "another presenter": token(keys.key, nonce="the nonce", azp="another"),
        "another sign-in": token(keys.key, nonce="another"),
        "no sign-in": token(keys.key),
        "no beginning": token(keys.key, nonce="the nonce", iat=None),
    }
    for why, value in bad.items():
        with pytest.raises(SignInError) as caught:
            await verified_claims(value, remote, expected)
        assert caught.value.code == "denied", why
    await remote.close()


async def test_the_guest_enters_in_development(open_door: OpenDoor) -> None:
    door = await open_door({"guest": {}})
    browser = door.browser()
    answer = await browser.get("/api/auth/guest" + START)
    assert answer.headers["location"] == "/catalog"
    assert await who(browser) == "user:development/guest"
    found = (await door.browser().get("/api/auth/guest/refresh")).json()
    assert found["backstageIdentity"]["identity"]["ownershipEntityRefs"] == ["user:development/guest"]


async def test_another_site_cannot_make_anybody_a_guest(open_door: OpenDoor) -> None:
    door = await open_door({"guest": {}})
    browser = door.browser()
    for path in (START, "/refresh"):
        answer = await browser.get("/api/auth/guest" + path, headers={"sec-fetch-site": "cross-site"})
        assert "set-cookie" not in answer.headers
    assert await who(browser) == "anonymous"


async def test_the_guest_owns_what_the_operator_says(open_door: OpenDoor) -> None:
    guest = {"userEntityRef": "user:default/jane", "ownershipEntityRefs": ["crew", "group:default/pilots"]}
    door = await open_door({"guest": {"development": guest}})
    browser = door.browser()
    for _ in range(2):
        found = (await browser.get("/api/auth/guest/refresh")).json()
        identity = found["backstageIdentity"]["identity"]
        assert identity["userEntityRef"] == JANE
        assert identity["ownershipEntityRefs"] == [JANE, "group:default/crew", "group:default/pilots"]
