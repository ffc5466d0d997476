"""What Callboard asks of a provider, and what it makes of answers that no provider should give."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest

from callboard.access.signin import outgoing
from callboard.access.signin.oauth import OAuthFlow
from callboard.access.signin.pending import new_keys
from callboard.access.signin.profile import SignInError
from callboard.access.signin.provider import OAuthProvider
from callboard.access.signin.settings import read_signin_settings
from tests.access.signin.door import config_of
from tests.access.signin.listener import Listener, listening

METADATA = "/.well-known/openid-configuration"


@pytest.fixture
async def provider() -> AsyncIterator[Listener]:
    async with listening({}) as listener:
        yield listener


def metadata(address: str, **changed: Any) -> dict[str, Any]:
    return {
        "issuer": address,
        "authorization_endpoint": f"{address}/auth",
        "token_endpoint": f"{address}/token",
        "jwks_uri": f"{address}/keys",
        **changed,
    }


def flow(address: str, **more: Any) -> OAuthFlow:
    given = {
        "metadataUrl": address,
        "clientId": "portal",
        "clientSecret": "canary-of-the-secret",
        "signIn": {"resolvers": [{"resolver": "emailMatchingUserEntityProfileEmail"}]},
        **more,
    }
    [found] = read_signin_settings(config_of({"oidc": {"development": given}})).providers
    assert isinstance(found, OAuthProvider)
    return OAuthFlow(found)


async def refused(address: str, **more: Any) -> str:
    """Why the provider cannot be used."""
    with pytest.raises(SignInError) as caught:
        await flow(address, **more).authorization_url(new_keys())
    assert caught.value.code == "provider"
    assert "canary" not in caught.value.detail
    return caught.value.detail


@pytest.mark.parametrize("key", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
async def test_endpoints_elsewhere_are_refused_unless_they_are_named(provider: Listener, key: str) -> None:
    provider.answers[METADATA] = metadata(provider.address, **{key: "https://api.elsewhere.example/x"})
    assert "https://api.elsewhere.example are not allowed" in await refused(provider.address)
    url = await flow(provider.address, endpointHosts=["api.elsewhere.example"]).authorization_url(new_keys())
    assert "code_challenge=" in url


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/x",
        "file:///etc/passwd",
        "https://a:b@login.example",
        "",
        None,
        5,
        "http://169.254.169.254/",
    ],
)
async def test_endpoints_must_be_https(provider: Listener, url: Any) -> None:
    provider.answers[METADATA] = metadata(provider.address, token_endpoint=url)
    assert "token_endpoint" in await refused(provider.address)


async def test_metadata_must_name_the_issuer_that_is_configured(provider: Listener) -> None:
    for issuer in ("https://evil.example", f"{provider.address}/other", None, 7):
        provider.answers[METADATA] = metadata(provider.address, issuer=issuer)
        assert "another issuer" in await refused(provider.address)


async def test_redirects_are_not_followed(provider: Listener) -> None:
    to = f"location: {provider.address}/elsewhere\r\n"
    provider.answers[METADATA] = f"HTTP/1.1 302 Found\r\n{to}content-length: 0\r\n\r\n".encode()
    assert "302" in await refused(provider.address)
    assert provider.asked == [METADATA]


async def test_answers_that_are_too_large_or_compressed_are_not_read(provider: Listener) -> None:
    much = b"x" * (outgoing.MAX_ANSWER + 1)
    provider.answers[METADATA] = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + much
    assert "larger" in await refused(provider.address)
    small = gzip.compress(much)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(small)}\r\n\r\n".encode()
    provider.answers[METADATA] = head + small
    assert "compressed" in await refused(provider.address)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", [], None, b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{"]
)
async def test_answers_that_are_no_metadata_are_refused(provider: Listener, answer: Any) -> None:
    provider.answers[METADATA] = answer
    await refused(provider.address)


async def test_a_provider_that_is_away_is_said_to_be(free_port: int) -> None:
    assert "no answer" in await refused(f"http://127.0.0.1:{free_port}")


async def test_a_slow_provider_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    try:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert "Timeout" in await refused(address)
    finally:
        server.close()


async def test_metadata_is_asked_for_once(provider: Listener) -> None:
    provider.answers[METADATA] = metadata(provider.address)
    one = flow(provider.address)
    for _ in range(3):
        await one.authorization_url(new_keys())
    assert provider.asked == [METADATA]
