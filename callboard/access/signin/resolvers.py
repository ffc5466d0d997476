"""Which user of the catalog a person is, by the resolvers that Backstage names (contract note C1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callboard.access.identity.directory import Directory
from callboard.access.signin.profile import Profile, SignInError

PROFILE_EMAIL = "emailMatchingUserEntityProfileEmail"
LOCAL_PART = "emailLocalPartMatchingUserEntityName"
USER_ID_ANNOTATION = "userIdMatchingUserEntityAnnotation"
EMAIL_ANNOTATION = "emailMatchingUserEntityAnnotation"
BY_USERNAME = (
    "usernameMatchingUserEntityName",
    "preferredUsernameMatchingUserEntityName",
    "forwardedUserMatchingUserEntityName",
)
NAMES = (PROFILE_EMAIL, LOCAL_PART, *BY_USERNAME, USER_ID_ANNOTATION, EMAIL_ANNOTATION)

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_EMAIL = re.compile(r"([^@\s]{1,64})@([^@\s]{1,255})")


@dataclass(frozen=True, slots=True)
class Resolver:
    """One of `signIn.resolvers`. `annotation` is the key that the annotation resolvers look for.

    `allowed_domains` of None allows all. `without_user` lets in who is not in the catalog.
    """

    name: str
    annotation: str | None = None
    allowed_domains: tuple[str, ...] | None = None
    without_user: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A user's entity ref and what it owns. `live` as for `identity.signed_in`."""

    ref: str
    owns: tuple[str, ...]
    live: bool = True


async def resolve(resolvers: Sequence[Resolver], profile: Profile, directory: Directory | None) -> Resolved:
    """The user by the first resolver that knows one. Raises SignInError, always with the same words."""
    for resolver in resolvers:
        found = await _users(resolver, profile, directory)
        if len(found) > 1:
            raise SignInError("refused", f"{resolver.name} matches {len(found)} users")
        if found:
            owns = directory.ownership(found[0]) if directory is not None else ()
            return Resolved(found[0], owns or (found[0],))
        if resolver.without_user and (ref := await _unlisted(resolver, profile, directory)):
            return Resolved(ref, (ref,), live=False)
    tried = ", ".join(resolver.name for resolver in resolvers)
    raise SignInError("refused", f"no user is found by {tried}")


async def _users(resolver: Resolver, profile: Profile, directory: Directory | None) -> list[str]:
    """The refs of all users that match."""
    if resolver.name in BY_USERNAME:
        return await _named(profile.username, directory)
    if resolver.name == USER_ID_ANNOTATION:
        return await _annotated(resolver, profile.subject, directory)
    email = _allowed_email(resolver, profile)
    if email is None or directory is None:
        return []
    if resolver.name == EMAIL_ANNOTATION:
        return await _annotated(resolver, email, directory)
    if resolver.name == LOCAL_PART:
        return await _named(email.partition("@")[0], directory)
    found = await directory.find(email=email)
    plain = _without_plus(email)
    return found if found or plain == email else await directory.find(email=plain)


async def _named(name: str | None, directory: Directory | None) -> list[str]:
    if directory is None or name is None or not _NAME.fullmatch(name):
        return []
    ref = f"user:default/{name}".lower()
    return [ref] if await directory.user(ref) is not None else []


async def _annotated(resolver: Resolver, value: str, directory: Directory | None) -> list[str]:
    if directory is None or resolver.annotation is None:
        return []
    return await directory.find(annotation=(resolver.annotation, value))


async def _unlisted(resolver: Resolver, profile: Profile, directory: Directory | None) -> str | None:
    """The ref for someone whom the catalog does not know; None when it knows somebody else by it."""
    if resolver.name in BY_USERNAME or resolver.name == USER_ID_ANNOTATION:
        name = profile.username
    else:
        email = _allowed_email(resolver, profile)
        name = email.partition("@")[0].partition("+")[0] if email else None
    if name is None or not _NAME.fullmatch(name):
        return None
    ref = f"user:default/{name}".lower()
    return None if directory is not None and await directory.user(ref) is not None else ref


def _allowed_email(resolver: Resolver, profile: Profile) -> str | None:
    """The e-mail, if there is one. Raises SignInError for a domain that is not allowed."""
    match = _EMAIL.fullmatch(profile.email or "")
    if match is None:
        return None
    domains = resolver.allowed_domains
    if domains is not None and match[2].lower() not in domains:
        raise SignInError("refused", f"{resolver.name} does not allow the domain of the e-mail")
    return match[0]


def _without_plus(email: str) -> str:
    """`jane+portal@acme.example` as `jane@acme.example`: the same mailbox."""
    local, _, domain = email.partition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
