"""Microsoft Entra ID: OpenID Connect of one tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import Profile, profile_of_claims, text
from callboard.access.signin.provider import Discovered, OAuthProvider
from callboard.access.signin.providers.oidc import WELL_KNOWN, connect
from callboard.access.signin.resolvers import EMAIL_ANNOTATION, USER_ID_ANNOTATION

LOGIN = "https://login.microsoftonline.com"
_GRAPH = frozenset(("https://graph.microsoft.com",))
_ANYBODY = {"common", "organizations", "consumers"}


def read(entry: Entry) -> OAuthProvider:
    """`tenantId` must name one tenant: else whoever owns a tenant could choose the e-mails of its users."""
    tenant = entry.text("tenantId")
    if tenant.lower() in _ANYBODY:
        raise entry.mistake("tenantId", "must be the id or the domain of one tenant")
    authority = f"{LOGIN}/{quote(tenant, safe='')}/v2.0"
    hint = entry.optional("domainHint")
    return connect(
        entry,
        "Microsoft",
        # A tenant named by its domain calls itself by its id.
        Discovered(authority + WELL_KNOWN, authority if _is_id(tenant) else None, _GRAPH),
        annotations={
            USER_ID_ANNOTATION: "graph.microsoft.com/user-id",
            EMAIL_ANNOTATION: "microsoft.com/email",
        },
        parameters={"domain_hint": hint} if hint else None,
        profile_of=profile_of,
    )


def profile_of(claims: Mapping[str, Any]) -> Profile:
    """Catalogs know people by their object id; `xms_edov` says whether the e-mail's domain is verified."""
    found = profile_of_claims(claims)
    denied = "xms_edov" in claims and claims["xms_edov"] not in (True, "true", "1", 1)
    return replace(
        found, subject=text(claims.get("oid")) or found.subject, email=None if denied else found.email
    )


def _is_id(tenant: str) -> bool:
    try:
        UUID(tenant)
    except ValueError:
        return False
    return True
