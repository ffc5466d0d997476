"""Okta: OpenID Connect at `audience`, the address of the organisation."""

from __future__ import annotations

from callboard.access.signin.entry import Entry
from callboard.access.signin.provider import Discovered, OAuthProvider
from callboard.access.signin.providers.oidc import WELL_KNOWN, connect
from callboard.access.signin.resolvers import EMAIL_ANNOTATION


def read(entry: Entry) -> OAuthProvider:
    issuer = entry.address("audience")
    if server := entry.optional("authServerId"):
        issuer += f"/oauth2/{server}"
    provider = entry.optional("idp")
    return connect(
        entry,
        "Okta",
        Discovered(issuer + WELL_KNOWN, issuer),
        annotations={EMAIL_ANNOTATION: "okta.com/email"},
        parameters={"idp": provider} if provider else None,
    )
