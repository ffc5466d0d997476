"""Ways to sign in as somebody else, or somebody else as oneself: tried on real providers, all refused."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import text

from callboard.access.signin.pending import LIFE
from tests.access.signin.conftest import OpenDoor
from tests.access.signin.door import SESSION, Door, begin, sign_in, who
from tests.access.signin.idp import PORTAL, through
from tests.access.signin.people import JANE, SAM

STATE_COOKIE = "callboard-signin-"


def with_query(url: str, **changed: str) -> str:
    """The address with some of its parameters replaced."""
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})).geturl()


async def nobody(browser: httpx.AsyncClient, answer: httpx.Response, code: str) -> None:
    """The sign-in ended with this reason, and nobody is signed in."""
    if answer.status_code == 303:
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert answer.headers["location"].startswith("/sign-in?")
        assert query["error"] == [code]
    else:
        assert code == "expired"
        assert answer.status_code == 400
    assert not any(one.startswith(SESSION) for one in answer.headers.get_list("set-cookie"))
    assert await who(browser) == "anonymous"


async def test_a_state_is_good_once(door: Door) -> None:
    browser = door.browser()
    url = await through(await begin(browser, "oidc"), "jane")
    cookies = dict(browser.cookies)
    assert (await browser.get(url)).status_code == 303
    again = door.browser()
    again.cookies.update(cookies)
    await nobody(again, await again.get(url), "expired")


async def test_of_two_requests_at_once_one_signs_in(door: Door) -> None:
    browser = door.browser()
    url = await through(await begin(browser, "oidc"), "jane")
    answers = await asyncio.gather(*(browser.get(url) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400, 400]


async def test_a_state_is_good_in_the_browser_where_it_began(door: Door) -> None:
    mallory, jane = door.browser(), door.browser()
    url = await through(await begin(mallory, "oidc"), "sam")
    # Mallory makes Jane open the end of Mallory's own sign-in.
    await nobody(jane, await jane.get(url), "expired")
    # With a sign-in of her own under way it is no better.
    await begin(jane, "oidc")
    await nobody(jane, await jane.get(url), "expired")


async def test_an_attempt_from_another_browser_does_not_use_up_the_state(door: Door) -> None:
    jane, mallory = door.browser(), door.browser()
    url = await through(await begin(jane, "oidc"), "jane")
    assert (await mallory.get(url)).status_code == 400
    assert (await jane.get(url)).status_code == 303


async def test_a_state_ends_after_ten_minutes(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = door.browser()
    url = await through(await begin(browser, "oidc"), "jane")
    later = time.time() + LIFE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    answer = await browser.get(url)
    monkeypatch.undo()
    await nobody(browser, answer, "expired")


@pytest.mark.parametrize("state", ["", "x", "A" * 43, "../../x", "A" * 5000])
async def test_an_invented_state_leads_nowhere(door: Door, state: str) -> None:
    browser = door.browser()
    answer = await browser.get("/api/auth/oidc/handler/frame", params={"state": state, "code": "x"})
    await nobody(browser, answer, "expired")


async def test_a_state_of_one_provider_is_not_for_another(
    open_door: OpenDoor, idp: Mapping[str, str], oidc: dict[str, Any]
) -> None:
    okta = {**oidc, "audience": idp["oidc"]}
    okta["signIn"] = {"resolvers": [{"resolver": "emailMatchingUserEntityAnnotation"}]}
    door = await open_door({"oidc": {"development": oidc}, "okta": {"development": okta}})
    browser = door.browser()
    url = await through(await begin(browser, "oidc"), "jane")
    answer = await browser.get(url.replace("/oidc/", "/okta/"))
    await nobody(browser, answer, "expired")


async def test_a_code_must_be_the_providers(door: Door) -> None:
    for code in ("tampered", "", "x" * 5000, "a b"):
        browser = door.browser()
        url = await through(await begin(browser, "oidc"), "jane")
        await nobody(browser, await browser.get(with_query(url, code=code)), "denied")


async def test_a_code_is_good_with_the_verifier_of_its_own_sign_in(door: Door) -> None:
    mallory, jane = door.browser(), door.browser()
    stolen = dict(parse_qsl(urlsplit(await through(await begin(jane, "oidc"), "jane")).query))["code"]
    url = await through(await begin(mallory, "oidc"), "sam")
    await nobody(mallory, await mallory.get(with_query(url, code=stolen)), "denied")


async def test_the_nonce_of_the_token_must_be_that_of_the_sign_in(door: Door) -> None:
    browser = door.browser()
    asked = with_query(await begin(browser, "oidc"), nonce="B" * 43)
    await nobody(browser, await browser.get(await through(asked, "jane")), "denied")
    assert "nonce" in door.events[-1].detail


async def test_the_answer_must_come_from_the_issuer_that_was_asked(
    door: Door, idp: Mapping[str, str]
) -> None:
    browser = door.browser()
    url = await through(await begin(browser, "oidc"), "jane")
    await nobody(browser, await browser.get(with_query(url, iss=idp["other"])), "denied")
    # This provider says that it always names itself.
    url = await through(await begin(browser, "oidc"), "jane")
    without = with_query(url).replace(urlencode({"iss": idp["oidc"]}), "")
    await nobody(browser, await browser.get(without), "denied")


async def test_metadata_of_another_issuer_is_refused(open_door: OpenDoor, oidc: dict[str, Any]) -> None:
    oidc["metadataUrl"] = oidc["metadataUrl"].replace("127.0.0.1", "localhost")
    door = await open_door({"oidc": {"development": oidc}})
    browser = door.browser()
    await nobody(browser, await browser.get("/api/auth/oidc/start?flow=redirect"), "provider")
    assert "another issuer" in door.events[-1].detail


async def test_a_token_signed_with_the_clients_secret_is_refused(
    open_door: OpenDoor, oidc: dict[str, Any]
) -> None:
    oidc.update(clientId="shared", clientSecret="shared-secret-of-the-tests")
    door = await open_door({"oidc": {"development": oidc}})
    browser = door.browser()
    await nobody(browser, await sign_in(browser, "oidc", "jane"), "denied")
    assert "algorithm" in door.events[-1].detail


async def test_a_wrong_client_secret_signs_nobody_in_and_is_told_to_nobody(
    open_door: OpenDoor,
    oidc: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    oidc["clientSecret"] = "canary-of-the-secret"
    door = await open_door({"oidc": {"development": oidc}})
    browser = door.browser()
    answer = await sign_in(browser, "oidc", "jane")
    await nobody(browser, answer, "denied")
    told = [caplog.text, *capsys.readouterr(), answer.text, str(answer.headers), str(door.events)]
    assert not any("canary" in one for one in told)


async def test_leaving_at_the_provider_signs_nobody_in(door: Door) -> None:
    browser = door.browser()
    answer = await sign_in(browser, "oidc", "nobody", redirectUrl="/docs")
    await nobody(browser, answer, "denied")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["from"] == ["/docs"]


async def test_people_whom_no_user_matches_learn_nothing(open_door: OpenDoor, oidc: dict[str, Any]) -> None:
    """A stranger, and somebody in the catalog whose e-mail is not verified, see the same."""
    door = await open_door({"oidc": {"development": oidc}})
    answers = []
    for login in ("stranger", "sam"):
        browser = door.browser()
        answer = await sign_in(browser, "oidc", login)
        await nobody(browser, answer, "refused")
        popup = await sign_in(browser, "oidc", login, flow="popup")
        assert popup.status_code == 401
        answers.append((answer.headers["location"], popup.text))
    assert answers[0] == answers[1]


async def test_a_planted_session_is_not_taken_over(door: Door) -> None:
    mallory, jane = door.browser(), door.browser()
    await sign_in(mallory, "oidc", "jane")
    planted = mallory.cookies[SESSION]
    jane.cookies.set(SESSION, planted, domain="portal.example")
    await sign_in(jane, "oidc", "jane")
    assert jane.cookies.get(SESSION, domain="portal.example") != planted
    assert await who(mallory) == "anonymous"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "http://portal.example@evil.example/",
        "http://portal.example.evil.example/",
        "http://portal.example:8080/",
        "https://portal.example/",
        "javascript:alert(1)",
        "http:evil.example",
        "evil.example",
        " /catalog",
        "/" + "a" * 3000,
    ],
)
async def test_nobody_is_sent_to_another_site(door: Door, url: str) -> None:
    browser = door.browser()
    for flow in ("redirect", "popup"):
        answer = await browser.get(
            "/api/auth/oidc/start", params={"flow": flow, "redirectUrl": url, "env": "development"}
        )
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "*", "http://portal.example.evil.example", "https://portal.example"],
)
async def test_no_other_origin_is_told_who_signed_in(door: Door, origin: str) -> None:
    answer = await door.browser().get("/api/auth/oidc/start", params={"origin": origin})
    assert answer.status_code == 400
    assert answer.json()["error"]["name"] == "InputError"


async def test_parameters_given_twice_are_refused(door: Door) -> None:
    browser = door.browser()
    url = await through(await begin(browser, "oidc"), "jane")
    assert (await browser.get(f"{url}&code=another")).status_code == 400
    assert await who(browser) == "anonymous"


async def test_unknown_providers_environments_and_flows_are_refused(door: Door) -> None:
    browser = door.browser()
    assert (await browser.get("/api/auth/github/start")).status_code == 404
    assert (await browser.get("/api/auth/oidc/start?env=production")).status_code == 404
    assert (await browser.get("/api/auth/oidc/start?flow=frame")).status_code == 400
    assert (await browser.get("/api/auth/oidc/logout")).status_code == 404


async def test_one_address_may_not_try_without_end(open_door: OpenDoor, oidc: dict[str, Any]) -> None:
    door = await open_door({"oidc": {"development": oidc}}, per_minute=3)
    browser = door.browser()
    for _ in range(3):
        assert (await browser.get("/api/auth/oidc/start")).status_code == 302
    assert (await browser.get("/api/auth/oidc/start")).status_code == 429
    answer = await browser.get("/api/auth/oidc/handler/frame?state=x&code=y")
    assert answer.status_code == 429
    assert (await door.browser("192.0.2.2").get("/api/auth/oidc/start")).status_code == 302


async def test_the_database_holds_nothing_that_finishes_a_sign_in(door: Door) -> None:
    browser = door.browser()
    url = await begin(browser, "oidc")
    [cookie] = [value for name, value in browser.cookies.items() if name.startswith(STATE_COOKIE)]
    query = parse_qs(urlsplit(url).query)
    async with door.database.read() as rows:
        stored = str((await rows.execute(text("SELECT * FROM signin_pending"))).all())
    for secret in (cookie, query["state"][0], query["nonce"][0], query["code_challenge"][0]):
        assert secret not in stored


async def test_with_tls_the_cookies_are_of_this_host_alone(open_door: OpenDoor, oidc: dict[str, Any]) -> None:
    address = PORTAL.replace("http:", "https:")
    door = await open_door({"oidc": {"development": oidc}}, app_baseUrl=address, backend_baseUrl=address)
    answer = await door.browser().get("/api/auth/oidc/start")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-callboard-signin-")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "Path=/;" in cookie


async def test_users_of_the_same_browser_follow_each_other(door: Door, oidc: dict[str, Any]) -> None:
    browser = door.browser()
    await sign_in(browser, "oidc", "jane")
    assert await who(browser) == JANE
    before = await door.identity.sessions.of(JANE)
    await sign_in(browser, "oidc", "jane")
    after = await door.identity.sessions.of(JANE)
    assert len(before) == len(after) == 1
    assert before[0].id != after[0].id
    assert await door.identity.sessions.of(SAM) == []
