"""Attacks on the way in: the state of a sign-in, where it leads to, and the session that it begins."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

from callboard.access.identity.cookies import SESSION_COOKIE
from tests.access.attacks.cases import ENTITIES, Attack, Case, asking
from tests.access.attacks.siege import HTML, ROOT, Siege
from tests.access.signin.door import begin
from tests.access.signin.idp import through


def with_query(url: str, **changed: str) -> str:
    """The address with some of its parameters replaced."""
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})).geturl()


def refused(answer: httpx.Response, code: str = "") -> int:
    """The status of a sign-in that failed: nobody has a session, and `code` is why, where it is told."""
    assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")
    if answer.status_code == 303:
        assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [code]
    return answer.status_code


async def replayed(siege: Siege) -> int:
    async with siege.browser() as jane, siege.browser() as mallory:
        url = await through(await begin(jane, "oidc"), "jane")
        mallory.cookies.update(dict(jane.cookies))  # a copy of everything the browser had
        answer = await jane.get(url)
        assert (answer.status_code, answer.headers["location"]) == (303, "/catalog")
        return refused(await mallory.get(url))


async def of_another_browser(siege: Siege) -> int:
    """Mallory makes Jane open the end of Mallory's own sign-in."""
    async with siege.browser() as mallory, siege.browser() as jane:
        url = await through(await begin(mallory, "oidc"), "jane")
        await begin(jane, "oidc")
        return refused(await jane.get(url))


def invented(state: str) -> Attack:
    async def attack(siege: Siege) -> int:
        async with siege.browser() as browser:
            query = urlencode({"state": state, "code": "x"})
            return refused(await browser.get(f"/api/auth/oidc/handler/frame?{query}"))

    return attack


def changed(**query: str) -> Attack:
    """The end of a good sign-in with something replaced."""

    async def attack(siege: Siege) -> int:
        async with siege.browser() as browser:
            url = await through(await begin(browser, "oidc"), "jane")
            return refused(await browser.get(with_query(url, **query)), "denied")

    return attack


async def stolen_code(siege: Siege) -> int:
    """Jane's code at the end of Mallory's sign-in: the verifier is another."""
    async with siege.browser() as mallory, siege.browser() as jane:
        theirs = await through(await begin(jane, "oidc"), "jane")
        code = dict(parse_qsl(urlsplit(theirs).query))["code"]
        url = await through(await begin(mallory, "oidc"), "sam")
        return refused(await mallory.get(with_query(url, code=code)), "denied")


async def another_nonce(siege: Siege) -> int:
    async with siege.browser() as browser:
        asked = with_query(await begin(browser, "oidc"), nonce="B" * 43)
        return refused(await browser.get(await through(asked, "jane")), "denied")


def nobody(login: str) -> Attack:
    """Somebody whom the portal does not let in; a stranger and an unverified address are told the same."""

    async def attack(siege: Siege) -> int:
        told = set()
        async with siege.browser() as browser:
            for one in (login, "stranger"):
                answer = await browser.get(await through(await begin(browser, "oidc"), one))
                told.add((refused(answer, "refused"), answer.headers["location"]))
        assert len(told) == 1
        return answer.status_code

    return attack


def redirecting(target: str, parameter: str = "redirectUrl") -> Attack:
    async def attack(siege: Siege) -> int:
        asked = {"env": "development", "flow": "redirect", parameter: target}
        async with siege.browser() as browser:
            answer = await browser.get(f"/api/auth/oidc/start?{urlencode(asked)}")
        assert "location" not in answer.headers
        return answer.status_code

    return attack


def leaving(path: str) -> Attack:
    """A page that needs a sign-in, or that page itself: neither leads to another site afterwards."""

    async def attack(siege: Siege) -> int:
        async with siege.browser(**HTML) as browser:
            answer = await browser.get(path)
        location = answer.headers.get("location", "")
        assert "evil" not in urlsplit(location).netloc + answer.text
        assert not location.startswith(("//", "/\\"))
        return answer.status_code

    return attack


async def fixed(siege: Siege) -> int:
    """Mallory plants a session before Jane signs in; afterwards it is nobody's."""
    mallory = await siege.session("user:default/mallory")
    planted = mallory.cookies[SESSION_COOKIE]
    async with mallory, siege.browser() as jane:
        jane.cookies.set(SESSION_COOKIE, planted, domain="portal.example")
        answer = await jane.get(await through(await begin(jane, "oidc"), "jane"))
        assert answer.status_code == 303
        assert jane.cookies.get(SESSION_COOKIE, domain="portal.example") != planted
        return (await mallory.get(ENTITIES)).status_code


async def two_cookies(siege: Siege) -> int:
    """A neighbouring site sets a second cookie of the name."""
    async with await siege.session() as one, await siege.session(ROOT) as other:
        both = "; ".join(f"{SESSION_COOKIE}={who.cookies[SESSION_COOKIE]}" for who in (one, other))
    async with siege.browser(cookie=both) as browser:
        return (await browser.get(ENTITIES)).status_code


def ended(path: str, how: str) -> Attack:
    """A session that was signed out or revoked, and what its browser gets."""

    async def attack(siege: Siege) -> int:
        user = "user:default/leaving"
        async with await siege.session(user) as browser, await siege.session(user) as other:
            kept = browser.cookies[SESSION_COOKIE]
            same = {"sec-fetch-site": "same-origin"}
            assert (await browser.get("/api/auth/v1/sessions")).status_code == 200
            if how == "signed out":
                assert (await browser.post("/sign-out", headers=same)).status_code == 303
            elif how == "revoked elsewhere":
                assert (
                    await other.delete("/api/auth/v1/sessions?keep=current", headers=same)
                ).status_code == 204
            else:
                await siege.identity.sessions.revoke_all(user)
        async with siege.browser(cookie=f"{SESSION_COOKIE}={kept}", **HTML) as again:
            return (await again.get(path)).status_code

    return attack


async def past_its_end(siege: Siege) -> int:
    sessions = siege.identity.sessions
    clock = sessions._clock
    sessions._clock = lambda: clock() - siege.identity.settings.session_absolute - 60
    browser = await siege.session("user:default/late")
    sessions._clock = clock
    async with browser:
        return (await browser.get(ENTITIES)).status_code


async def tampered(siege: Siege) -> int:
    async with await siege.session() as browser:
        value = browser.cookies[SESSION_COOKIE]
    async with siege.browser(cookie=f"{SESSION_COOKIE}={value[:-2]}xx") as mallory:
        return (await mallory.get(ENTITIES)).status_code


async def of_another(siege: Siege) -> int:
    """Ending somebody else's session by its id: as if there were none."""
    theirs = await siege.session(ROOT)
    found = (await siege.identity.sessions.of(ROOT))[0].id
    async with theirs, await siege.session() as browser:
        same = {"sec-fetch-site": "same-origin"}
        answers = [
            await browser.delete(f"/api/auth/v1/sessions/{one}", headers=same) for one in (found, "A" * 22)
        ]
        assert answers[0].json()["error"] == answers[1].json()["error"]
        assert (await theirs.get(ENTITIES)).status_code == 200
    return answers[0].status_code


CASES = (
    Case("replayed state", "the whole answer once more, with the browser's cookies", replayed, 400),
    Case("replayed state", "in another browser, where another sign-in is under way", of_another_browser, 400),
    Case("replayed state", "a state that nobody was given", invented("A" * 43), 400),
    Case("replayed state", "a path as state", invented("../../x"), 400),
    Case("replayed state", "somebody else's code", stolen_code, 303),
    Case("replayed state", "a code that the provider did not give", changed(code="tampered"), 303),
    Case("replayed state", "the answer of another issuer", changed(iss="http://x.example"), 303),
    Case("replayed state", "a token with another nonce", another_nonce, 303),
    Case("replayed state", "an e-mail that nobody verified", nobody("sam"), 303),
    Case("foreign redirect", "another site", redirecting("https://evil.example/"), 400),
    Case("foreign redirect", "without a scheme", redirecting("//evil.example"), 400),
    Case("foreign redirect", "with a backslash", redirecting("/\\evil.example"), 400),
    Case(
        "foreign redirect", "our name before theirs", redirecting("http://portal.example@evil.example"), 400
    ),
    Case("foreign redirect", "a script", redirecting("javascript:alert(1)"), 400),
    Case("foreign redirect", "telling another origin", redirecting("https://evil.example", "origin"), 400),
    Case(
        "open redirect",
        "a page whose path is another site",
        leaving("http://portal.example//evil.example/x"),
        303,
    ),
    Case("open redirect", "a path that browsers read as another site", leaving("/%5Cevil.example"), 303),
    Case(
        "open redirect",
        "where the sign-in page sends people on to",
        leaving("/sign-in?from=//evil.example"),
        200,
    ),
    Case("fixation", "a session planted before the sign-in", fixed, 401),
    Case("fixation", "a second cookie beside ours", two_cookies, 401),
    Case(
        "fixation", "a session that nobody began", asking(ENTITIES, cookies=f"{SESSION_COOKIE}=made-up"), 401
    ),
    Case("revoked session", "after the sign-out", ended(ENTITIES, "signed out"), 401),
    Case("revoked session", "ended from another browser", ended(ENTITIES, "revoked elsewhere"), 401),
    Case("revoked session", "ended by somebody in charge", ended(ENTITIES, "in charge"), 401),
    Case("revoked session", "a page of it leads to the sign-in", ended("/catalog", "signed out"), 303),
    Case("revoked session", "past its end", past_its_end, 401),
    Case("revoked session", "a cookie that was changed", tampered, 401),
    Case("revoked session", "ending that of somebody else", of_another, 404),
)
