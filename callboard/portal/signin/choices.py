"""What a visitor can choose to sign in with, and where to go afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from callboard.access.signin.places import origin_of
from callboard.access.signin.provider import GuestProvider
from callboard.access.signin.settings import SignInSettings, read_signin_settings
from callboard.core.config import Config
from callboard.core.errors import InputError

_OWN_PAGES = ("/sign-in", "/sign-out")


@dataclass(frozen=True, slots=True)
class Choice:
    """One provider; `href` begins the sign-in. `guest` proves nothing and is for development."""

    title: str
    href: str
    guest: bool


def choices(config: Config, back: str) -> list[Choice]:
    """The configured providers in their order; `back` is where each leads in the end."""
    settings = _settings(config)
    query = urlencode({"env": settings.environment, "flow": "redirect", "redirectUrl": back})
    apart = origin_of(settings.places.app) != origin_of(settings.places.backend)
    prefix = settings.places.backend if apart else ""
    return [
        Choice(one.title, f"{prefix}/api/auth/{one.id}/start?{query}", isinstance(one, GuestProvider))
        for one in settings.providers
    ]


def way_back(config: Config, asked: str | None) -> str:
    """The page that the visitor wanted; the home page for one that is not ours, or is about signing in."""
    try:
        found = _settings(config).places.way_back(asked)
    except InputError:
        return "/"
    return "/" if found.partition("?")[0].rstrip("/") in _OWN_PAGES else found


@lru_cache(maxsize=4)
def _settings(config: Config) -> SignInSettings:
    """Read once for each configuration, which never changes."""
    return read_signin_settings(config)
