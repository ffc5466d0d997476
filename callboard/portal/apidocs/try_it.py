"""Sends a request that a visitor made up, for the visitor, to hosts that the operator listed and no others.

The answer comes back as text. Nothing of the visitor's own request to us goes along.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter

import httpx

from callboard.core.errors import InputError, NotAllowedError, ServiceUnavailableError
from callboard.core.reader.locators import origin, parse
from callboard.core.reader.network import CheckedTransport, Resolver, resolve_with_system
from callboard.portal.apidocs.allow import KEY, TryAllowList
from callboard.portal.apidocs.answer import Body, read_some

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH")
MAX_BODY = 2**20
MAX_HEADERS = 100
SECONDS = 15.0
MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,8000}")
# What belongs to a connection is ours to say; what names the visitor's way here would lend our trust.
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-length", "expect", "forwarded", "host", "http2-settings",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent", "via", "x-real-ip",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request as the visitor typed it."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back. `url` answered in the end; `note` says what was left undone, such as a redirect."""

    status: int
    reason: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Body
    milliseconds: int = 0
    note: str = ""

    @property
    def site(self) -> str:
        return _site(httpx.URL(self.url))


@dataclass(frozen=True, slots=True)
class _Hop:
    """One request of possibly several."""

    method: str
    url: httpx.URL
    headers: list[tuple[str, str]]
    content: bytes

    def redirected(self, status: int, url: httpx.URL) -> _Hop:
        """What follows a redirect, as browsers do it; what was typed for one origin is not told another."""
        method, content, headers = self.method, self.content, self.headers
        if status == 303 or (status in (301, 302) and method == "POST"):
            method, content = "HEAD" if method == "HEAD" else "GET", b""
            headers = [pair for pair in headers if pair[0].lower() != "content-type"]
        if origin(url) != origin(self.url):
            headers = [pair for pair in headers if pair[0].lower() in ("accept", "content-type")]
        return _Hop(method, url, headers, content)


async def send(
    attempt: Attempt,
    allowed: TryAllowList,
    *,
    resolver: Resolver = resolve_with_system,
    seconds: float = SECONDS,
) -> Outcome:
    """Carry it out. Raises InputError, NotAllowedError, or ServiceUnavailableError when nothing answers."""
    url = parse(attempt.url)
    if attempt.method not in METHODS:
        raise InputError(f"The method must be one of {', '.join(METHODS)}")
    headers = sendable(attempt.headers)
    content = attempt.body.encode("utf-8", "replace")
    if len(content) > MAX_BODY:
        raise InputError(f"The body is larger than the limit of {MAX_BODY} bytes")
    reach = allowed.reach(url)
    if reach is None:
        raise _not_listed(url)
    try:
        async with asyncio.timeout(seconds):
            return await _follow(_Hop(attempt.method, url, headers, content), allowed, resolver)
    except TimeoutError:
        raise ServiceUnavailableError(f"{_site(url)} did not answer within {seconds:g} seconds") from None
    except httpx.LocalProtocolError:
        raise InputError("This request cannot be sent: a header is not valid") from None
    except httpx.TransportError as error:
        # No cause is chained: its text may hold what the visitor sent.
        raise ServiceUnavailableError(f"{_site(url)} could not be reached: {error}") from None


def sendable(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers without those of a connection. Raises InputError for what cannot be a header."""
    if len(headers) > MAX_HEADERS:
        raise InputError(f"There are more than {MAX_HEADERS} headers")
    found = []
    for name, value in headers:
        if not _NAME.fullmatch(name):
            raise InputError(f"'{name[:80]}' is not a valid name of a header")
        if not _VALUE.fullmatch(value):
            raise InputError(f"The header '{name}' has a value that cannot be sent")
        low = name.lower()
        if low not in _OURS and not low.startswith(("x-forwarded-", "proxy-", "sec-")):
            found.append((name, value.strip()))
    return found


async def _follow(hop: _Hop, allowed: TryAllowList, resolver: Resolver) -> Outcome:
    started = perf_counter()
    for count in range(MAX_REDIRECTS + 1):
        reach = allowed.reach(hop.url)
        if reach is None:  # a redirect is judged before it is followed, so this is the first URL
            raise _not_listed(hop.url)
        outcome, target = await _once(hop, CheckedTransport(resolver, reach, _tls()))
        outcome = replace(outcome, milliseconds=round((perf_counter() - started) * 1000))
        if target is None:
            return outcome
        note = (
            "It redirects too often to be followed." if count == MAX_REDIRECTS else _refusal(target, allowed)
        )
        if note:
            return replace(outcome, note=note)
        hop = hop.redirected(outcome.status, parse(target))
    raise AssertionError("unreachable")


async def _once(hop: _Hop, transport: CheckedTransport) -> tuple[Outcome, str | None]:
    """One request, on a connection of its own, and where it redirects to."""
    # Below httpx's client on purpose: that one keeps cookies and reads proxies from the environment.
    headers = [*hop.headers, ("User-Agent", "callboard"), ("Accept-Encoding", "gzip")]
    request = httpx.Request(
        hop.method,
        hop.url,
        headers=[(name.encode(), value.encode("latin-1")) for name, value in headers],
        content=hop.content or None,
        extensions={"timeout": httpx.Timeout(SECONDS, connect=5.0).as_dict()},
    )
    try:
        response = await transport.handle_async_request(request)
        try:
            body = await read_some(response, 0 if hop.method == "HEAD" else MAX_BODY)
        finally:
            await response.aclose()
    except NotAllowedError:
        message = (
            f"{_site(hop.url)} resolves to a private or reserved address. To permit it, add this exact host, "
            f"without a wildcard, to '{KEY}'"
        )
        raise NotAllowedError(message) from None
    finally:
        await transport.aclose()
    shown = tuple(response.headers.multi_items())
    outcome = Outcome(response.status_code, response.reason_phrase, str(hop.url), shown, body)
    location = response.headers.get("location") if response.status_code in _REDIRECTS else None
    return outcome, _joined(hop.url, location) if location else None


def _refusal(target: str, allowed: TryAllowList) -> str:
    """Why a redirect is not followed, or nothing."""
    try:
        if allowed.reach(parse(target)) is not None:
            return ""
    except InputError:
        return "It redirects to something that is no web address; that was not followed."
    return f"It redirects to a place that is not listed in '{KEY}'; that was not followed."


def _joined(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except httpx.InvalidURL:
        return location


def _not_listed(url: httpx.URL) -> NotAllowedError:
    return NotAllowedError(f"{_site(url)} is not listed in '{KEY}', or not with this path")


def _site(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
