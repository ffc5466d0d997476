"""Ends a sign-in: from a profile to a user, a session and the answer that Backstage's clients read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import structlog
from starlette.requests import Request

from callboard.access.identity.service import Identity, signed_in
from callboard.access.identity.sessions import Session
from callboard.access.principals import principal_of
from callboard.access.signin.pending import PendingStore
from callboard.access.signin.profile import Profile, SignInError
from callboard.access.signin.provider import GuestProvider, OAuthProvider, Provider, ProxiedProvider
from callboard.access.signin.resolvers import Resolved, resolve
from callboard.access.signin.settings import SignInSettings

if TYPE_CHECKING:
    from callboard.access.signin.oauth import OAuthFlow

_log = structlog.get_logger("callboard.signin")


@dataclass(frozen=True, slots=True)
class SignInEvent:
    """What happened, for the audit log. `detail` says why it failed, and holds no secret and no e-mail."""

    kind: Literal["signed-in", "refused", "signed-out"]
    provider: str
    user: str | None = None
    detail: str = ""


def _unheard(_: Request, __: SignInEvent) -> None:
    """Where nobody listens."""


def peer(request: Request) -> str:
    """The address of the other end of the connection, whatever its headers say."""
    return request.client.host if request.client is not None else ""


@dataclass(frozen=True, slots=True)
class SignInParts:
    """What sign-in needs. `address_of` tells visitors apart to limit attempts: `peer`, or behind a proxy what
    the proxy says. `heard` is told of every sign-in and sign-out."""

    settings: SignInSettings
    identity: Identity
    pending: PendingStore
    address_of: Callable[[Request], str] = peer
    heard: Callable[[Request, SignInEvent], None] = _unheard


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`response` is the answer to the client (JSON, hence Any), `cookie` a Set-Cookie header or None."""

    response: Mapping[str, Any]
    cookie: str | None


def _flows(providers: Sequence[OAuthProvider]) -> dict[str, OAuthFlow]:
    """The flow of each provider, by its id."""
    if not providers:
        return {}
    from callboard.access.signin.oauth import OAuthFlow  # with Authlib, which takes 0.2 s

    return {one.id: OAuthFlow(one) for one in providers}


class SignIn:
    """The providers of one process, with what has been discovered about them."""

    def __init__(self, parts: SignInParts) -> None:
        self.parts = parts
        self._flows = _flows([one for one in parts.settings.providers if isinstance(one, OAuthProvider)])

    def flow(self, provider: OAuthProvider) -> OAuthFlow:
        return self._flows[provider.id]

    async def begin(
        self, provider: OAuthProvider | ProxiedProvider, profile: Profile, request: Request
    ) -> SignedIn:
        """Begin a session for a person whom the provider has proved. Raises SignInError for a stranger."""
        found = await resolve(provider.resolvers, profile, self.parts.identity.directory)
        return await self._session(provider, found, profile.shown, request)

    async def of_request(self, provider: ProxiedProvider | GuestProvider, request: Request) -> SignedIn:
        """Sign in whom the request itself names; a session of that very user goes on. Raises SignInError."""
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Another site's link must not put somebody into another session than their own.
            raise SignInError("denied", "another site asked for this sign-in")
        if isinstance(provider, GuestProvider):
            owns = provider.owns or (provider.user_ref,)
            # What the operator wrote stands; else the catalog says what the guest owns, if it knows one.
            found, profile = Resolved(provider.user_ref, owns, live=provider.owns is None), {}
        elif not provider.trusts(peer(request)):
            raise SignInError("denied", "the request does not come from a trusted address")
        else:
            told = await provider.read(request.headers)
            found = await resolve(provider.resolvers, told, self.parts.identity.directory)
            profile = told.shown
        session = await self._session_of(provider, request)
        if session is not None and session.user_ref == found.ref:
            return SignedIn(await self._answer(session, found.owns, found.live), None)
        return await self._session(provider, found, profile, request)

    async def resumed(self, provider: OAuthProvider, request: Request) -> SignedIn | None:
        """The answer for the session that the request has with this provider; None without one."""
        session = await self._session_of(provider, request)
        if session is None:
            return None
        info = await self.parts.identity.users.read(session.user_ref)
        owns, live = (info.owns, info.live) if info is not None else ((session.user_ref,), True)
        return SignedIn(await self._answer(session, owns, live), None)

    async def end(self, request: Request) -> None:
        """Revoke the session of the request, if there is one."""
        session = await self._session_of(None, request)
        if session is not None and await self.parts.identity.sessions.revoke(session.id):
            self.parts.heard(request, SignInEvent("signed-out", session.provider, session.user_ref))
            _log.info("signed out", user=session.user_ref, provider=session.provider)

    def refuse(self, provider: str, error: SignInError, request: Request) -> None:
        """Note a sign-in that failed; the person learns less."""
        self.parts.heard(request, SignInEvent("refused", provider, detail=error.detail))
        _log.warning(
            "sign-in refused", provider=provider, reason=error.code, detail=error.detail, peer=peer(request)
        )

    async def _session_of(self, provider: Provider | None, request: Request) -> Session | None:
        """The session by which `Credentials` let the request in; a cookie it refused counts for nothing.

        Only one of this provider, where a provider is given.
        """
        known = principal_of(request).session
        found = await self.parts.identity.sessions.read(known) if known is not None else None
        return found if found is not None and (provider is None or provider.id == found.provider) else None

    async def _session(
        self, provider: Provider, found: Resolved, profile: Mapping[str, str], request: Request
    ) -> SignedIn:
        session, cookie = await signed_in(
            self.parts.identity, request, found.ref, found.owns, profile, provider.id, live=found.live
        )
        self.parts.heard(request, SignInEvent("signed-in", provider.id, found.ref))
        _log.info("signed in", user=found.ref, provider=provider.id)
        return SignedIn(await self._answer(session, found.owns, found.live), cookie)

    async def _answer(self, session: Session, owns: tuple[str, ...], live: bool) -> dict[str, Any]:
        """As Backstage shapes it. The provider's own tokens stay here: the portal has no use for them."""
        identity = await self.parts.identity.backstage_identity(session.user_ref, owns, live=live)
        info = {"expiresInSeconds": identity["expiresInSeconds"], "scope": ""}
        return {"providerInfo": info, "profile": dict(session.profile), "backstageIdentity": identity}
