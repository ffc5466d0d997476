"""GitHub, in the cloud or of an enterprise: OAuth 2, and the person by its API."""

from __future__ import annotations

from typing import Any

from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import Profile, SignInError, text, web_address
from callboard.access.signin.provider import Fixed, Get, OAuthProvider
from callboard.access.signin.providers.plain import plain
from callboard.access.signin.resolvers import USER_ID_ANNOTATION

SITE = "https://github.com"
API = "https://api.github.com"
SCOPES = ("read:user", "user:email")


def read(entry: Entry) -> OAuthProvider:
    """`enterpriseInstanceUrl` is the address of a GitHub Enterprise Server."""
    site = entry.address("enterpriseInstanceUrl", SITE)
    api = API if site == SITE else f"{site}/api/v3"
    endpoints = Fixed(
        authorize=f"{site}/login/oauth/authorize",
        token=f"{site}/login/oauth/access_token",
        user=f"{api}/user",
        read=read_profile,
    )
    return plain(entry, "GitHub", endpoints, SCOPES, {USER_ID_ANNOTATION: "github.com/user-id"})


async def read_profile(get: Get, user_url: str) -> Profile:
    """The e-mail is the primary one if it is verified; apps that may not read e-mails sign in without one."""
    user = await get(user_url)
    if not isinstance(user, dict) or not isinstance(user.get("id"), int) or text(user.get("login")) is None:
        raise SignInError("provider", "GitHub did not say who the user is")
    try:
        emails = await get(f"{user_url}/emails")
    except SignInError:
        emails = []
    return Profile(
        subject=str(user["id"]),
        username=text(user["login"]),
        email=_primary(emails),
        name=text(user.get("name")),
        picture=web_address(user.get("avatar_url")),
    )


def _primary(emails: Any) -> str | None:
    for one in emails if isinstance(emails, list) else ():
        if isinstance(one, dict) and one.get("primary") is True and one.get("verified") is True:
            return text(one.get("email"))
    return None
