"""The whole way of a sign-in through a real OpenID Connect provider."""

from __future__ import annotations

from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from tests.access.signin.conftest import OpenDoor
from tests.access.signin.door import SESSION, Door, begin, sign_in, who
from tests.access.signin.idp import PORTAL, through
from tests.access.signin.people import JANE, TEAM


async def test_the_redirect_flow_begins_a_session_and_goes_back(door: Door) -> None:
    browser = door.browser()
    answer = await sign_in(browser, "oidc", "jane", redirectUrl="/catalog?filters[kind]=api")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/catalog?filters[kind]=api"
    assert await who(browser) == JANE
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith(SESSION)]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_the_provider_is_asked_with_pkce_state_and_nonce(door: Door) -> None:
    query = parse_qs(urlsplit(await begin(door.browser(), "oidc")).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) == 43
    assert len(query["nonce"][0]) == 43
    assert query["redirect_uri"] == [f"{PORTAL}/api/auth/oidc/handler/frame"]
    assert query["scope"] == ["openid profile email"]
    assert query["response_type"] == ["code"]


async def test_the_popup_tells_its_opener_who_signed_in(door: Door) -> None:
    browser = door.browser()
    answer = await sign_in(browser, "oidc", "jane", flow="popup", origin=PORTAL)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    body = answer.text
    assert f'data-origin="{PORTAL}"' in body
    message = orjson.loads(unescape(body.partition('data-answer="')[2].partition('"')[0]))
    assert message["type"] == "authorization_response"
    assert message["response"]["profile"] == {"email": "jane@harbour.example", "displayName": "Jane Doe"}
    identity = message["response"]["backstageIdentity"]
    assert identity["identity"]["userEntityRef"] == JANE
    assert identity["identity"]["ownershipEntityRefs"] == [JANE, TEAM]
    principal = await door.identity.authenticate(identity["token"])
    assert principal.user == JANE
    assert await who(browser) == JANE


async def test_the_popup_runs_no_script_but_that_of_a_file(door: Door) -> None:
    answer = await sign_in(door.browser(), "oidc", "jane", flow="popup")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    script = await door.browser().get("/sign-in/popup.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert "postMessage" in script.text


async def test_refresh_answers_for_the_session_and_logout_ends_it(door: Door) -> None:
    browser = door.browser()
    assert (await browser.get("/api/auth/oidc/refresh")).status_code == 401
    await sign_in(browser, "oidc", "jane")
    cookie = browser.cookies[SESSION]
    found = (await browser.get("/api/auth/oidc/refresh?env=development")).json()
    assert found["backstageIdentity"]["identity"]["userEntityRef"] == JANE
    assert found["profile"]["displayName"] == "Jane Doe"
    assert (await door.identity.authenticate(found["backstageIdentity"]["token"])).user == JANE
    same = {"sec-fetch-site": "same-origin"}
    assert (await browser.post("/api/auth/oidc/logout", headers=same)).status_code == 200
    assert SESSION not in browser.cookies
    browser.cookies.set(SESSION, cookie)
    assert await who(browser) == "anonymous"
    assert (await browser.get("/api/auth/oidc/refresh")).status_code == 401
    assert [event.kind for event in door.events] == ["signed-in", "signed-out"]


async def test_the_form_of_the_portal_signs_out(door: Door) -> None:
    browser = door.browser()
    await sign_in(browser, "oidc", "jane")
    answer = await browser.post("/sign-out", headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?signed_out=yes"
    assert await who(browser) == "anonymous"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://other.portal.example"},
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "content-type": "application/json"},
    ],
)
async def test_another_site_cannot_sign_anybody_out(door: Door, headers: dict[str, str]) -> None:
    browser = door.browser()
    await sign_in(browser, "oidc", "jane")
    cookie = browser.cookies[SESSION]
    for path in ("/api/auth/oidc/logout", "/sign-out"):
        await browser.post(path, headers=headers)
    again = door.browser()
    again.cookies.set(SESSION, cookie)
    assert await who(again) == JANE


async def test_two_tabs_can_sign_in_at_the_same_time(door: Door) -> None:
    browser = door.browser()
    first = await through(await begin(browser, "oidc", redirectUrl="/first"), "jane")
    second = await through(await begin(browser, "oidc", redirectUrl="/second"), "jane")
    assert (await browser.get(first)).headers["location"] == "/first"
    assert (await browser.get(second)).headers["location"] == "/second"


async def test_okta_is_found_by_its_audience(
    open_door: OpenDoor, idp: Mapping[str, str], oidc: dict[str, Any]
) -> None:
    oidc["audience"] = idp["oidc"]
    oidc["idp"] = "harbour"
    oidc["signIn"] = {"resolvers": [{"resolver": "emailMatchingUserEntityAnnotation"}]}
    door = await open_door({"okta": {"development": oidc}})
    browser = door.browser()
    url = await begin(browser, "okta")
    assert "idp=harbour" in url
    assert (await browser.get(await through(url, "jane"))).status_code == 303
    assert await who(browser) == JANE


@pytest.mark.parametrize(
    ("provider", "key", "resolver"),
    [
        ("github", "enterpriseInstanceUrl", "usernameMatchingUserEntityName"),
        ("github", "enterpriseInstanceUrl", "userIdMatchingUserEntityAnnotation"),
        ("github", "enterpriseInstanceUrl", "emailMatchingUserEntityProfileEmail"),
        ("gitlab", "audience", "usernameMatchingUserEntityName"),
        ("gitlab", "audience", "emailLocalPartMatchingUserEntityName"),
    ],
)
async def test_sites_of_plain_oauth_tell_who_somebody_is_by_their_api(
    open_door: OpenDoor, idp: Mapping[str, str], oidc: dict[str, Any], provider: str, key: str, resolver: str
) -> None:
    oidc[key] = idp[provider]
    oidc["signIn"] = {"resolvers": [{"resolver": resolver}]}
    door = await open_door({provider: {"development": oidc}})
    browser = door.browser()
    answer = await sign_in(browser, provider, "jane")
    assert answer.headers["location"] == "/catalog", door.events
    assert await who(browser) == JANE


async def test_an_issuer_may_tell_everything_in_the_id_token(
    open_door: OpenDoor, idp: Mapping[str, str], oidc: dict[str, Any]
) -> None:
    oidc["metadataUrl"] = idp["other"]
    door = await open_door({"oidc": {"development": oidc}})
    browser = door.browser()
    assert (await sign_in(browser, "oidc", "jane")).headers["location"] == "/catalog", door.events
    assert await who(browser) == JANE
