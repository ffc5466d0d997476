"""The providers of this site, read from the configuration: data that the flow works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from pydantic import SecretStr
from starlette.datastructures import Headers

from callboard.access.signin.profile import Profile
from callboard.access.signin.resolvers import Resolver

Network = IPv4Network | IPv6Network
Get = Callable[[str], Awaitable[Any]]
"""The JSON (hence Any) at an address of the provider's API, asked with the person's access token."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures of tokens that are accepted at all: those with a public key."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """Endpoints that OpenID Connect's metadata names.

    The metadata must name `issuer`; for None any issuer of the same origin will do. `origins` are further
    origins at which endpoints may be.
    """

    metadata_url: str
    issuer: str | None
    origins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fixed:
    """Endpoints of plain OAuth 2; `user` is where `read` begins to learn who the person is."""

    authorize: str
    token: str
    user: str
    read: Callable[[Get, str], Awaitable[Profile]]


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """Sign-in by redirecting the browser. `parameters` go into the authorization request as they are.

    `token_auth` is how the client names itself at the token endpoint; None for what the metadata offers.
    """

    id: str
    title: str
    client_id: str
    client_secret: SecretStr
    endpoints: Discovered | Fixed
    scopes: tuple[str, ...]
    callback_url: str
    resolvers: tuple[Resolver, ...]
    profile_of: Callable[[Mapping[str, Any]], Profile]
    parameters: Mapping[str, str] = field(default_factory=dict)
    token_auth: str | None = None
    algorithms: tuple[str, ...] = ALGORITHMS


@dataclass(frozen=True, slots=True)
class ProxiedProvider:
    """Sign-in by what a proxy in front of us says; `read` raises SignInError when it says nothing usable."""

    id: str
    title: str
    trusted: tuple[Network, ...]
    read: Callable[[Headers], Awaitable[Profile]]
    resolvers: tuple[Resolver, ...]

    def trusts(self, address: str | None) -> bool:
        """Whether the peer of a connection is the proxy. Never ask with an address that a header told."""
        try:
            peer = ip_address(address or "")
        except ValueError:
            return False
        mapped = getattr(peer, "ipv4_mapped", None)
        return any((mapped or peer) in network for network in self.trusted)


@dataclass(frozen=True, slots=True)
class GuestProvider:
    """Sign-in without any proof, for development."""

    id: str
    title: str
    user_ref: str
    owns: tuple[str, ...] | None


Provider = OAuthProvider | ProxiedProvider | GuestProvider
