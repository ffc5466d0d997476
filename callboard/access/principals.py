"""Who a request comes from: `Credentials` puts a `Principal` into the ASGI scope, features take it thence.

The kinds are those of Backstage (contract note C1): a user (perhaps through a plugin that acts for them), a
service (a plugin or something outside), or nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import HTTPConnection

SCOPE_KEY = "callboard.principal"

Means = Literal["open", "session", "token", "limited", "personal", "external", "plugin", "internal", "none"]


@dataclass(frozen=True, slots=True)
class Restriction:
    """Where a token may be used. `plugin` is an id or `*`; empty tuples do not restrict further.

    `permissions` are names such as `catalog.entity.read`, `actions` values of their `action` attribute.
    """

    plugin: str
    permissions: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, by which means.

    `subject` is the entity ref of a user in lower case, or the name of a service (`plugin:catalog`,
    `external:ci`). `owns` are the refs that count as the user when ownership is asked: the user and its
    groups. `actor` is the service through which a user acts. `restrictions` of None restrict nothing.
    """

    type: Literal["user", "service", "none"]
    subject: str = ""
    owns: tuple[str, ...] = ()
    actor: str | None = None
    restrictions: tuple[Restriction, ...] | None = None
    means: Means = "none"
    session: str | None = None
    """The id of the session, for users who signed in with a browser."""

    @property
    def user(self) -> str | None:
        """The entity ref of the user; None for services and nobody."""
        return self.subject if self.type == "user" else None

    @property
    def name(self) -> str:
        """How logs call the principal; `anonymous` for nobody."""
        return self.subject or "anonymous"


NOBODY = Principal("none")
INTERNAL = Principal("service", "plugin:callboard", means="internal")
"""Callboard's own work, such as scheduled tasks."""
OPEN = Principal("service", "callboard:open", means="open")
"""Everyone, where sign-in is not configured or switched off: nothing is refused."""


def principal_of(source: HTTPConnection | Mapping[str, Any]) -> Principal:
    """Who a request comes from. An application without `Credentials` before it is open to everyone."""
    scope = source.scope if isinstance(source, HTTPConnection) else source
    found: Principal = scope.get(SCOPE_KEY, OPEN)
    return found
