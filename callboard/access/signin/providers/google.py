"""Google: OpenID Connect at a fixed issuer."""

from __future__ import annotations

from callboard.access.signin.entry import Entry
from callboard.access.signin.provider import Discovered, OAuthProvider
from callboard.access.signin.providers.oidc import WELL_KNOWN, connect
from callboard.access.signin.resolvers import EMAIL_ANNOTATION

ISSUER = "https://accounts.google.com"
_API = frozenset(
    ("https://oauth2.googleapis.com", "https://openidconnect.googleapis.com", "https://www.googleapis.com")
)


def read(entry: Entry) -> OAuthProvider:
    return connect(
        entry,
        "Google",
        Discovered(ISSUER + WELL_KNOWN, ISSUER, _API),
        annotations={EMAIL_ANNOTATION: "google.com/email"},
    )
