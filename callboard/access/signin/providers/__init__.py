"""One module a provider: how its configuration is read, and what its answers say about a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callboard.access.signin.entry import Entry
from callboard.access.signin.provider import Provider
from callboard.access.signin.providers import (
    github,
    gitlab,
    google,
    guest,
    microsoft,
    oauth2_proxy,
    oidc,
    okta,
    trusted_header,
)

READERS: Mapping[str, Callable[[Entry], Provider]] = {
    "oidc": oidc.read,
    "github": github.read,
    "google": google.read,
    "microsoft": microsoft.read,
    "gitlab": gitlab.read,
    "okta": okta.read,
    "oauth2-proxy": oauth2_proxy.read,
    "oauth2Proxy": oauth2_proxy.read,
    "trusted-header": trusted_header.read,
    "guest": guest.read,
}
"""By the id of the provider, which is its key below `auth.providers` and its part of the path."""
