"""A way to sign in as a contribution; Callboard's own providers are contributed in the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callboard.access.signin.entry import Entry
from callboard.access.signin.provider import Provider
from callboard.access.signin.providers import READERS
from callboard.plugins import Contribution


@dataclass(frozen=True, slots=True)
class SignInProvider(Contribution):
    """`read` makes the provider from its entry below `auth.providers.<id>`; ConfigError for mistakes there.

    `providers.oidc.connect` makes one that speaks OpenID Connect, `ProxiedProvider` one that believes the
    headers of a proxy.
    """

    id: str
    read: Callable[[Entry], Provider]


OWN = tuple(SignInProvider(id, read) for id, read in READERS.items())
