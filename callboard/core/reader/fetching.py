"""One GET with everything checked: each redirect hop, the addresses, the size and the time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

import httpx

from callboard.core.errors import InputError, ServiceUnavailableError
from callboard.core.integrations import Integration, Integrations, RawRequest
from callboard.core.reader.allow import AllowList, Reach, integration_reach, not_allowed
from callboard.core.reader.answers import refusal
from callboard.core.reader.body import read_body
from callboard.core.reader.locators import ascii_host, origin, parse
from callboard.core.reader.network import CheckedTransport, Resolver

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_bytes` after decompression; times in seconds, `total` with redirects and the retry."""

    max_bytes: int = 10 * 1024 * 1024
    connect: float = 5.0
    total: float = 30.0
    redirects: int = 5
    per_host: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    content: bytes
    headers: httpx.Headers


class Fetcher:
    """Holds the connections: public and internal ones apart, so that neither is reused as the other."""

    def __init__(
        self, allow: AllowList, integrations: Integrations, limits: Limits, resolver: Resolver
    ) -> None:
        self._allow = allow
        self._integrations = integrations
        self._limits = limits
        self._context: ssl.SSLContext | None = None
        self._transports: dict[Reach, CheckedTransport] = {}
        self._resolver = resolver
        # Weak, so that a wildcard rule does not let the names of hosts pile up.
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def fetch(
        self,
        request: RawRequest,
        shown: str,
        integration: Integration | None,
        etag: str | None = None,
        *,
        max_bytes: int | None = None,
    ) -> Answer:
        """Get `request.url`. `shown` is the URL that the user knows; messages name only that one.

        `max_bytes` of 0 leaves the content unread.
        """
        limit = self._limits.max_bytes if max_bytes is None else max_bytes
        url = parse(request.url)
        slot = self._slots.setdefault(ascii_host(url), asyncio.Semaphore(self._limits.per_host))
        async with slot:
            try:
                async with asyncio.timeout(self._limits.total):
                    return await self._with_retry(url, request, shown, integration, etag, limit=limit)
            except TimeoutError as error:
                message = f"could not read {shown}, no whole answer within {self._limits.total:g} seconds"
                raise ServiceUnavailableError(message) from error

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()
        self._transports.clear()

    async def _with_retry(
        self,
        url: httpx.URL,
        request: RawRequest,
        shown: str,
        integration: Integration | None,
        etag: str | None,
        *,
        limit: int,
    ) -> Answer:
        for attempt in (1, 2):
            try:
                return await self._follow(url, request, shown, integration, etag, limit=limit)
            except httpx.LocalProtocolError:
                raise InputError(f"could not read {shown}, the request cannot be sent") from None
            except httpx.TransportError as error:
                if attempt == 2:
                    # No cause is chained: its text may hold the address or the headers of the request.
                    raise ServiceUnavailableError(f"could not read {shown}, {error}") from None
                await asyncio.sleep(0.1)
        raise AssertionError("unreachable")

    async def _follow(
        self,
        url: httpx.URL,
        request: RawRequest,
        shown: str,
        integration: Integration | None,
        etag: str | None,
        *,
        limit: int,
    ) -> Answer:
        first = origin(url)
        hop, at_home = url, True
        for _ in range(self._limits.redirects + 1):
            # Credentials belong to the origin they were made for. Once a redirect has left it they stay
            # dropped: a foreign host that sends us back must not choose what is asked with them.
            at_home = at_home and origin(hop) == first
            headers = {**request.headers} if at_home else {}
            headers |= {"Accept-Encoding": "gzip", "User-Agent": "callboard"}
            if etag and etag.isascii():  # a header can hold nothing else; without it the file is read whole
                headers["If-None-Match"] = etag
            reach = self._reach(hop, integration, shown if hop is url else None)
            async with self._get(hop, headers, reach) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    hop = _next_hop(hop, response.headers["location"], shown)
                    continue
                error = refusal(response, shown, integration)
                if error:
                    raise error
                content = await read_body(response, limit) if limit else b""
                return Answer(content, response.headers)
        raise InputError(f"could not read {shown}, more than {self._limits.redirects} redirects")

    def _reach(self, hop: httpx.URL, integration: Integration | None, shown: str | None) -> Reach:
        """Check one hop. `shown` is None for a redirect, of which only the host is told."""
        reach = integration_reach(integration, hop) if integration else None
        if reach is None:
            reach = self._allow.reach(hop)
        if reach is None and self._integrations.by_url(str(hop)) is not None:
            # Another integration's host: allowed, but a redirect is no reason to go inside with it.
            reach = Reach.PUBLIC
        if reach is None:
            raise not_allowed(shown if shown is not None else f"{hop.scheme}://{hop.netloc.decode('ascii')}/")
        return reach

    @asynccontextmanager
    async def _get(
        self, hop: httpx.URL, headers: dict[str, str], reach: Reach
    ) -> AsyncIterator[httpx.Response]:
        # Below httpx's client on purpose: that one keeps cookies between users' requests, reads the
        # environment, and prepares redirects that nobody has checked.
        if reach not in self._transports:
            self._context = self._context or httpx.create_ssl_context()
            self._transports[reach] = CheckedTransport(self._resolver, reach, self._context)
        timeout = httpx.Timeout(self._limits.total, connect=self._limits.connect).as_dict()
        request = httpx.Request("GET", hop, headers=headers, extensions={"timeout": timeout})
        response = await self._transports[reach].handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()


def _next_hop(hop: httpx.URL, location: str, shown: str) -> httpx.URL:
    try:
        target = str(hop.join(location))
    except httpx.InvalidURL:
        raise InputError(f"could not read {shown}, it redirects to an invalid URL") from None
    try:
        return parse(target)
    except InputError:
        # The target's own text stays out of the message: redirects often carry signatures.
        raise InputError(f"could not read {shown}, it redirects to a URL that cannot be read") from None
