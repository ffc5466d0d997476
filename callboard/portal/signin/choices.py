"""What a visitor can choose to sign in with, and where to go afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from callboard.access.signin.places import origin_of
from callboard.access.signin.provider import GuestProvider
from callboard.access.signin.settings import SignInSettings
from callboard.core.errors import InputError

_OWN_PAGES = ("/sign-in", "/sign-out")


@dataclass(frozen=True, slots=True)
class Choice:
    """One provider; `href` begins the sign-in. `guest` proves nothing and is for development."""

    title: str
    href: str
    guest: bool


def choices(settings: SignInSettings, back: str) -> list[Choice]:
    """The configured providers in their order; `back` is where each leads in the end."""
    query = urlencode({"env": settings.environment, "flow": "redirect", "redirectUrl": back})
    apart = origin_of(settings.places.app) != origin_of(settings.places.backend)
    prefix = settings.places.backend if apart else ""
    return [
        Choice(one.title, f"{prefix}/api/auth/{one.id}/start?{query}", isinstance(one, GuestProvider))
        for one in settings.providers
    ]


def way_back(settings: SignInSettings, asked: str | None) -> str:
    """The page that the visitor wanted; the home page for one that is not ours, or is about signing in."""
    try:
        found = settings.places.way_back(asked)
    except InputError:
        return "/"
    return "/" if found.partition("?")[0].rstrip("/") in _OWN_PAGES else found
