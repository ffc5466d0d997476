"""GitLab, in the cloud or one's own: OAuth 2, and the person by its API."""

from __future__ import annotations

from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import Profile, SignInError, text, web_address
from callboard.access.signin.provider import Fixed, Get, OAuthProvider
from callboard.access.signin.providers.oidc import host_of
from callboard.access.signin.providers.plain import plain
from callboard.access.signin.resolvers import USER_ID_ANNOTATION

SITE = "https://gitlab.com"
SCOPES = ("read_user",)


def read(entry: Entry) -> OAuthProvider:
    """`audience` is the address of the GitLab server."""
    site = entry.address("audience", SITE)
    endpoints = Fixed(
        authorize=f"{site}/oauth/authorize",
        token=f"{site}/oauth/token",
        user=f"{site}/api/v4/user",
        read=read_profile,
    )
    return plain(entry, "GitLab", endpoints, SCOPES, {USER_ID_ANNOTATION: f"{host_of(site)}/user-id"})


async def read_profile(get: Get, user_url: str) -> Profile:
    """The e-mail counts once GitLab has confirmed it."""
    user = await get(user_url)
    if (
        not isinstance(user, dict)
        or not isinstance(user.get("id"), int)
        or text(user.get("username")) is None
    ):
        raise SignInError("provider", "GitLab did not say who the user is")
    return Profile(
        subject=str(user["id"]),
        username=text(user["username"]),
        email=text(user.get("email")) if user.get("confirmed_at") else None,
        name=text(user.get("name")),
        picture=web_address(user.get("avatar_url")),
    )
