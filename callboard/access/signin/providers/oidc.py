"""Any OpenID Connect provider, found by the address of its metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from callboard.access.signin.entry import Entry
from callboard.access.signin.places import origin_of
from callboard.access.signin.profile import Profile, profile_of_claims
from callboard.access.signin.provider import ALGORITHMS, Discovered, OAuthProvider

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPES = ("openid", "profile", "email")
ProfileOf = Callable[[Mapping[str, Any]], Profile]
_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


def read(entry: Entry) -> OAuthProvider:
    """`issuer` and `endpointHosts` are for providers that are spread over several hosts."""
    url = entry.address("metadataUrl")
    if "/.well-known/" not in url:
        url += WELL_KNOWN
    issuer = entry.optional("issuer") or url.removesuffix(WELL_KNOWN)
    return connect(entry, "OpenID Connect", Discovered(url, issuer, entry.origins("endpointHosts")))


def connect(
    entry: Entry,
    title: str,
    endpoints: Discovered,
    *,
    annotations: dict[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    profile_of: ProfileOf = profile_of_claims,
) -> OAuthProvider:
    """A provider that speaks OpenID Connect; `profile_of` takes verified claims (JSON, hence Any)."""
    asked = {**(parameters or {})}
    # Backstage's word for not asking; its default, `none`, can sign in nobody who is not signed in already.
    if (prompt := entry.optional("prompt")) and prompt != "auto":
        asked["prompt"] = prompt
    return OAuthProvider(
        id=entry.id,
        title=entry.text("title", title),
        client_id=entry.text("clientId"),
        client_secret=entry.secret("clientSecret"),
        endpoints=endpoints,
        scopes=(*SCOPES, *(one for one in entry.words("additionalScopes") if one not in SCOPES)),
        callback_url=entry.callback_url,
        resolvers=entry.resolvers(annotations),
        profile_of=profile_of,
        parameters=asked,
        token_auth=_token_auth(entry),
        algorithms=_algorithms(entry),
    )


def host_of(origin: str) -> str:
    """`https://login.example.com:8443/x` as `login.example.com`, which annotations begin with."""
    return origin_of(origin).partition("://")[2].partition(":")[0]


def _token_auth(entry: Entry) -> str | None:
    method = entry.optional("tokenEndpointAuthMethod")
    if method is not None and method not in _AUTH_METHODS:
        raise entry.mistake("tokenEndpointAuthMethod", f"must be one of {', '.join(_AUTH_METHODS)}")
    return method


def _algorithms(entry: Entry) -> tuple[str, ...]:
    algorithm = entry.optional("tokenSignedResponseAlg")
    if algorithm is None:
        return ALGORITHMS
    if algorithm not in ALGORITHMS:
        raise entry.mistake("tokenSignedResponseAlg", f"must be one of {', '.join(ALGORITHMS)}")
    return (algorithm,)
