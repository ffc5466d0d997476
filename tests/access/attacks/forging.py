"""Attacks with requests that somebody else makes a browser send, or that no browser sends."""

from __future__ import annotations

import httpx

from callboard.access.identity.cookies import SESSION_COOKIE
from tests.access.attacks.cases import ENTITIES, Attack, Case, named
from tests.access.attacks.siege import FIXED, JANE, Siege

FORM = "application/x-www-form-urlencoded"
BY_REFS = "/api/catalog/entities/by-refs"
REFRESH = {"entityRef": "component:default/ferry"}


def forged(method: str, path: str, **headers: str) -> Attack:
    """A request that another site has the browser of somebody signed in send."""

    async def attack(siege: Siege) -> int:
        async with await siege.session(JANE) as browser:
            if headers.get("content_type") == FORM:
                answer = await browser.request(method, path, headers=named(headers), data={"confirm": "yes"})
            else:
                answer = await browser.request(method, path, headers=named(headers), json=REFRESH)
        assert "component:default/ferry" in siege.node.refs
        return answer.status_code

    return attack


async def signing_out(siege: Siege) -> int:
    async with await siege.session(JANE) as browser:
        answer = await browser.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
        assert (await browser.get(ENTITIES)).status_code == 200, "the session goes on"
    return answer.status_code


def misdirected(*hosts: str, path: str = "/sign-in") -> Attack:
    """Asks on the wire under these Host headers."""

    async def attack(siege: Siege) -> int:
        lines = [f"GET {path} HTTP/1.1", *(f"Host: {host}" for host in hosts), "Connection: close"]
        return await siege.wire.say("\r\n".join([*lines, "", ""]).encode())

    return attack


async def forwarded(siege: Siege) -> int:
    """A host that a proxy might have told is not believed, and stands in no answer."""
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    async with siege.browser(**headers, accept="text/html") as browser:
        answer = await browser.get("/catalog")
    assert "evil" not in answer.text + str(answer.headers)
    return answer.status_code


def head(path: str, token: str, *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: portal.example",
        "Connection: close",
        "Content-Type: application/json",
        f"Authorization: Bearer {token}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def sent(*parts: bytes, headers: tuple[str, ...] = (), pause: float = 0.0, path: str = BY_REFS) -> Attack:
    """A body sent in parts, by somebody who may ask."""

    async def attack(siege: Siege) -> int:
        return await siege.wire.say(head(path, FIXED, *headers), *parts, pause=pause)

    return attack


async def unread(siege: Siege) -> int:
    """Somebody who may not ask at all is answered before a large body comes."""
    return await siege.wire.say(head(BY_REFS, "wrong-token", "Content-Length: 1000000000"), b"x" * 1000)


async def guessing(siege: Siege) -> int:
    """After so many wrong tokens an address is not heard, with a right one either."""
    async with siege.browser() as browser:
        for number in range(5):
            wrong = {"authorization": f"Bearer cbp_{number:024x}_{'A' * 43}"}
            assert (await browser.get(ENTITIES, headers=wrong)).status_code == 401
        right = {"authorization": f"Bearer {FIXED}"}
        return (await browser.get(ENTITIES, headers=right)).status_code


async def deep(siege: Siege) -> int:
    async with siege.bearing(FIXED) as browser:
        body = b'{"a":' * 200 + b"1" + b"}" * 200
        answer = await browser.post(BY_REFS, content=body, headers={"content-type": "application/json"})
    return answer.status_code


async def ours(siege: Siege) -> int:
    """The same change from our own page is made."""
    async with await siege.session(JANE) as browser:
        same = {"sec-fetch-site": "same-origin"}
        answer: httpx.Response = await browser.post("/api/catalog/refresh", headers=same, json=REFRESH)
        assert SESSION_COOKIE in browser.cookies
    return answer.status_code


CHUNK = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
CROSS = {"sec_fetch_site": "cross-site", "origin": "https://evil.example"}
CASES = (
    Case(
        "CSRF",
        "a form of another site",
        forged("POST", "/catalog/default/component/ferry/unregister", **CROSS, content_type=FORM),
        403,
    ),
    Case(
        "CSRF",
        "a form of a neighbouring site",
        forged("POST", "/admin/roles/restore", sec_fetch_site="same-site", content_type=FORM),
        403,
    ),
    Case(
        "CSRF",
        "a form of a page without an origin",
        forged("POST", "/admin/index", origin="null", content_type=FORM),
        403,
    ),
    Case(
        "CSRF",
        "a form that tells nothing of where it is from",
        forged("POST", "/admin/index", content_type=FORM),
        403,
    ),
    Case(
        "CSRF", "JSON of another site, with the cookie", forged("POST", "/api/catalog/refresh", **CROSS), 403
    ),
    Case(
        "CSRF", "a deletion by another site", forged("DELETE", "/api/catalog/entities/by-uid/x", **CROSS), 403
    ),
    Case("CSRF", "roles saved by another site", forged("PUT", "/api/permission/policy", **CROSS), 403),
    Case("CSRF", "a plugin installed by another site", forged("POST", "/api/plugins", **CROSS), 403),
    Case(
        "CSRF", "a personal token made by another site", forged("POST", "/api/auth/v1/tokens", **CROSS), 403
    ),
    Case("CSRF", "a sign-out by another site", signing_out, 403),
    Case("host header", "another host", misdirected("evil.example"), 421),
    Case("host header", "ours first, then another", misdirected("portal.example", "evil.example"), 421),
    Case("host header", "ours as the name below another", misdirected("portal.example.evil.example"), 421),
    Case("host header", "a name before an at sign", misdirected("portal.example@evil.example"), 421),
    Case(
        "host header",
        "another host in the address itself",
        misdirected("evil.example", path="http://portal.example/sign-in"),
        421,
    ),
    Case("host header", "told by a proxy that nobody trusts", forwarded, 303),
    Case("oversized body", "by its declared length", sent(headers=("Content-Length: 1000000000000",)), 413),
    Case(
        "oversized body", "by what comes", sent(*[CHUNK] * 12, headers=("Transfer-Encoding: chunked",)), 413
    ),
    Case(
        "oversized body",
        "of a request that needs few bytes",
        sent(headers=("Content-Length: 3000002",), path="/api/permission/policy/versions/1/restore"),
        413,
    ),
    Case("oversized body", "nested without end", deep, 400),
    Case("oversized body", "of somebody who may not ask", unread, 401),
    Case("slow body", "never comes", sent(headers=("Content-Length: 100",)), 408),
    Case(
        "slow body", "comes in drops", sent(*[b" "] * 100, headers=("Content-Length: 100",), pause=0.1), 408
    ),
    Case(
        "slow body", "ends before its length", sent(b'{"entityRefs"', headers=("Content-Length: 100",)), 408
    ),
    Case("guessing", "many wrong tokens from one address", guessing, 429),
    Case("control", "a change from our own page", ours, 200),
    Case("control", "a good body", sent(b'{"entityRefs":[]}', headers=("Content-Length: 17",)), 200),
    Case("control", "our own host", misdirected("portal.example"), 200),
)
