"""Where the endpoints of a provider are: as its metadata says, checked, or as they are known beforehand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.access.identity.remote_keys import RemoteKeySet
from callboard.access.signin.outgoing import checked, get_json
from callboard.access.signin.places import origin_of
from callboard.access.signin.profile import SignInError
from callboard.access.signin.provider import Discovered, Fixed, OAuthProvider

LIFE = 3600.0
"""Seconds that metadata is kept."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`allowed` are the origins that may be asked. Without an `issuer` there are no ID tokens.

    `names_itself` says that the provider tells its issuer in the browser's way back (RFC 9207).
    """

    authorize: str
    token: str
    user: str | None
    allowed: frozenset[str]
    token_auth: str
    issuer: str | None = None
    keys: RemoteKeySet | None = None
    names_itself: bool = False


class Discovery:
    """The endpoints of one provider, fetched when they are needed and kept for an hour."""

    def __init__(self, provider: OAuthProvider) -> None:
        self._provider = provider
        self._found: Endpoints | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def endpoints(self) -> Endpoints:
        """Raises SignInError when the provider cannot be reached, or names what it must not."""
        known = self._provider.endpoints
        async with self._lock:
            if self._found is None or time.monotonic() > self._until:
                if isinstance(known, Fixed):
                    self._found = _fixed(known, self._provider.token_auth)
                else:
                    self._found = await _discovered(known, self._provider.token_auth)
                self._until = time.monotonic() + LIFE
            return self._found


def _fixed(known: Fixed, token_auth: str | None) -> Endpoints:
    allowed = frozenset(origin_of(url) for url in (known.token, known.user))
    return Endpoints(known.authorize, known.token, known.user, allowed, token_auth or "client_secret_post")


async def _discovered(known: Discovered, token_auth: str | None) -> Endpoints:
    own = origin_of(known.metadata_url)
    allowed = known.origins | {own}
    found = await get_json(known.metadata_url, frozenset((own,)))
    if not isinstance(found, dict):
        raise SignInError("provider", "the provider's metadata is not an object")
    issuer = found.get("issuer")
    if not isinstance(issuer, str) or not _is_issuer(issuer, known):
        raise SignInError("provider", "the provider's metadata names another issuer than is configured")
    user = found.get("userinfo_endpoint")
    return Endpoints(
        authorize=_endpoint(found, "authorization_endpoint", allowed),
        token=_endpoint(found, "token_endpoint", allowed),
        user=_endpoint(found, "userinfo_endpoint", allowed) if user is not None else None,
        allowed=allowed,
        token_auth=token_auth or _token_auth(found),
        issuer=issuer,
        keys=RemoteKeySet(_endpoint(found, "jwks_uri", allowed), time.time),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _is_issuer(issuer: str, known: Discovered) -> bool:
    if known.issuer is not None:
        return issuer.rstrip("/") == known.issuer.rstrip("/")
    try:
        return origin_of(issuer) == origin_of(known.metadata_url)
    except ValueError:
        return False


def _endpoint(metadata: Mapping[str, Any], key: str, allowed: frozenset[str]) -> str:
    try:
        return checked(metadata.get(key), allowed)
    except ValueError as error:
        raise SignInError("provider", f"the provider's {key} cannot be used: {error}") from None


def _token_auth(metadata: Mapping[str, Any]) -> str:
    """The first of our ways that the provider takes; the specification's default when it does not say."""
    offered = metadata.get("token_endpoint_auth_methods_supported")
    if isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered:
        return "client_secret_post"
    return "client_secret_basic"
