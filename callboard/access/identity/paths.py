"""Which paths are open to everyone, which accept limited user tokens, and which POSTs only read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_PUBLIC = (
    r"/sign-in(?:/.*)?",
    r"/assets/.*",
    r"/favicon[^/]*",
    r"/\.well-known/.*",
    r"/\.backstage/health/.*",
    r"/api/[^/]+/\.backstage/auth/v1/jwks\.json",
    r"/api/auth/\.well-known/.*",
    # The sign-in of the providers. `v1` is no provider, so nothing under /api/auth/v1 is public.
    r"/api/auth/(?!v1/)[^/]+/(?:start|handler/frame|refresh|logout)",
    # Installers and CI show a publisher's token in their own ways: these routes ask for it themselves.
    r"/api/marketplace/(?:simple|artefacts)(?:/.*)?",
    r"/api/marketplace/listings/[^/]+/releases(?:/.*)?",
)
_LIMITED = (r"/api/techdocs/static/.*",)
_READING = (
    r"/api/catalog/entities/by-(?:refs|query)",
    r"/api/catalog/entity-facets",
    r"/api/catalog/locations/by-query",
    r"/api/catalog/(?:validate-entity|analyze-location)",
    r"/api/permission/authorize",
)


@dataclass(frozen=True, slots=True)
class Paths:
    """Regular expressions of whole paths. Add to them with `with_public` and the like.

    `public`: no credentials needed, bad ones are ignored. `limited`: limited user tokens and the cookie
    `backstage-auth` will do, for GET. `reading`: POST does not change anything, so tokens that may only read
    may send it.
    """

    public: tuple[str, ...] = _PUBLIC
    limited: tuple[str, ...] = _LIMITED
    reading: tuple[str, ...] = _READING

    def with_public(self, *patterns: str) -> Paths:
        return replace(self, public=(*self.public, *patterns))

    def with_limited(self, *patterns: str) -> Paths:
        return replace(self, limited=(*self.limited, *patterns))

    def with_reading(self, *patterns: str) -> Paths:
        return replace(self, reading=(*self.reading, *patterns))


def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression that matches what one of them matches; use its `fullmatch`."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)", re.DOTALL)


def plugin_of(path: str) -> str | None:
    """The plugin whose API a path belongs to: `catalog` for `/api/catalog/entities`; None outside `/api/`."""
    return path[5:].partition("/")[0] if path.startswith("/api/") else None
