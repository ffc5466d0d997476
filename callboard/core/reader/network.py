"""Connects to exactly the address that was checked, whatever the name resolves to a moment later.

The name is resolved once per connection; TLS and the Host header still use the name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from callboard.core.errors import NotAllowedError
from callboard.core.reader.addresses import is_public
from callboard.core.reader.allow import Reach

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

# A name with more addresses than this is not tried to the end: the time limit would come first.
_MAX_ADDRESSES = 4


async def resolve_with_system(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, or of the many spellings of an address, as the operating system reads it."""
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


class UnresolvedNameError(httpcore.ConnectError):
    """A name without addresses."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to checked addresses only."""

    def __init__(self, resolver: Resolver, reach: Reach) -> None:
        self._resolver = resolver
        self._reach = reach
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = (await self._resolved(host, port, timeout))[:_MAX_ADDRESSES]
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, share, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise NotAllowedError("Unix sockets cannot be read")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolved(self, host: str, port: int, seconds: float | None) -> Sequence[str]:
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._resolver(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise UnresolvedNameError(f"the name {host} cannot be resolved") from error
        if not addresses:
            raise UnresolvedNameError(f"the name {host} cannot be resolved")
        # One private address among public ones is refused too: it has no honest reason to be there.
        if self._reach is Reach.PUBLIC and not all(is_public(address) for address in addresses):
            raise NotAllowedError(
                f"Reading from '{host}' is not allowed: it resolves to a private or reserved address. To "
                "permit it, add this exact host to 'backend.reading.allow'"
            )
        return addresses


class CheckedTransport(httpx.AsyncBaseTransport):
    """httpx over a pool of checked connections. Proxies of the environment are not used."""

    def __init__(self, resolver: Resolver, reach: Reach, context: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5,
            network_backend=CheckedNetwork(resolver, reach),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _httpx_errors():
            response = await self._pool.handle_async_request(inner)
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        with _httpx_errors():
            await self._response.aclose()


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Name the failure as httpx does, without its text, which may quote headers."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout("timed out") from error
    except UnresolvedNameError as error:
        raise httpx.ConnectError(str(error)) from error
    except httpcore.LocalProtocolError as error:
        raise httpx.LocalProtocolError("the request is malformed") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        distrusted = "certificate" in str(error).lower()
        message = "the TLS certificate cannot be verified" if distrusted else "the connection failed"
        raise httpx.NetworkError(message) from error
