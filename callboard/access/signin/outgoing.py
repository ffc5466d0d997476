"""Requests to identity providers: short, small, never redirected, and to named origins only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson

from callboard.access.signin.places import is_loopback, origin_of
from callboard.access.signin.profile import SignInError

SECONDS = 10.0
MAX_ANSWER = 1024 * 1024


def checked(url: Any, allowed: frozenset[str]) -> str:
    """An address (of JSON, hence Any) that may be asked: of an allowed origin, and https unless of loopback.

    Raises ValueError.
    """
    if not isinstance(url, str):
        raise ValueError("it is not text")
    if not url.lower().startswith("https://") and not is_loopback(url):
        raise ValueError("it must begin with https://")
    if origin_of(url) not in allowed:
        raise ValueError(f"requests to {origin_of(url)} are not allowed for this provider")
    return url


class _Limited(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_ANSWER:
                raise SignInError("provider", f"the answer is larger than {MAX_ANSWER} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class Guarded(httpx.AsyncBaseTransport):
    """Asks only `allowed` origins. Whatever goes wrong on the way is a SignInError."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        # Not the machine's proxies and not its .netrc: what is asked here carries a client's secret.
        self._transport = httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            checked(str(request.url), self._allowed)
        except ValueError as error:
            raise SignInError("provider", str(error)) from None
        # A small compressed answer can unpack to a huge one.
        request.headers["accept-encoding"] = "identity"
        try:
            answer = await self._transport.handle_async_request(request)
        except httpx.HTTPError as error:
            raise SignInError(
                "provider", f"no answer of {request.url.host}: {type(error).__name__}"
            ) from None
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise SignInError("provider", "the answer is compressed although that was not asked for")
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        answer.stream = _Limited(answer.stream)
        return answer

    async def aclose(self) -> None:
        await self._transport.aclose()


async def get_json(url: str, allowed: frozenset[str], token: str | None = None) -> Any:
    """The JSON (hence Any) at an address; with an access token as its bearer. Raises SignInError."""
    headers = {"accept": "application/json", "user-agent": "Callboard"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    async with httpx.AsyncClient(
        transport=Guarded(allowed), timeout=SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        try:
            answer = await client.get(url, headers=headers)
        except httpx.HTTPError as error:
            raise SignInError("provider", f"no answer: {type(error).__name__}") from None
    where = f"{answer.url.host}{answer.url.path}"
    if answer.status_code != 200:
        raise SignInError("provider", f"{where} answered {answer.status_code}")
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise SignInError("provider", f"{where} did not answer with JSON") from None
