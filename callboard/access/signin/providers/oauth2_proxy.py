"""OAuth2 Proxy in front of Callboard: the person is who its headers name."""

from __future__ import annotations

from starlette.datastructures import Headers

from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import Profile, SignInError, text
from callboard.access.signin.provider import ProxiedProvider

USER, EMAIL = "x-forwarded-user", "x-forwarded-email"


def read(entry: Entry) -> ProxiedProvider:
    """`trustedAddresses` are those of the proxy; the headers of anybody else mean nothing.

    `x-forwarded-access-token` is not read: the portal has no use for what it opens.
    """
    return ProxiedProvider(
        id=entry.id,
        title=entry.text("title", "OAuth2 Proxy"),
        trusted=entry.networks("trustedAddresses"),
        read=read_profile,
        resolvers=entry.resolvers(),
    )


async def read_profile(headers: Headers) -> Profile:
    user = only(headers, USER)
    if user is None:
        raise SignInError("denied", f"the proxy sent no {USER}")
    return Profile(subject=user, username=user, email=only(headers, EMAIL))


def only(headers: Headers, name: str) -> str | None:
    """The value of a header. Raises SignInError for one sent twice: one of them is not the proxy's."""
    values = headers.getlist(name)
    if len(values) > 1:
        raise SignInError("denied", f"the header {name} was sent {len(values)} times")
    return text(values[0]) if values else None
