"""Identity over HTTP: keys, userinfo and cookies as in Backstage (contract note C1); tokens and sessions of
the caller, which are Callboard's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.identity.cookies import LIMITED_COOKIE, cookie_header
from callboard.access.identity.paths import plugin_of
from callboard.access.principals import Principal, principal_of
from callboard.core.errors import AuthenticationError, InputError, NotAllowedError, NotFoundError
from callboard.core.http import empty, json_answer
from callboard.core.http_body import read_model

if TYPE_CHECKING:
    from callboard.access.identity.personal import PersonalToken
    from callboard.access.identity.service import Identity
    from callboard.access.identity.sessions import Session

DEFAULT_DAYS = 30
_NO_STORE = {"cache-control": "no-store"}


class NewToken(BaseModel):
    """`expiresAt` is ISO 8601; `DEFAULT_DAYS` from now without it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    scopes: list[str]
    expiresAt: str | None = None  # noqa: N815 - as it is on the wire


def identity_routes(identity: Identity) -> list[Route]:
    """The routes with their whole paths. `Credentials` must stand before them."""
    return [*_backstage_routes(identity), *_token_routes(identity), *_session_routes(identity)]


def _backstage_routes(identity: Identity) -> list[Route]:
    async def jwks(_: Request) -> Response:
        return json_answer(identity.keys.jwks())

    async def openid(_: Request) -> Response:
        issuer = identity.settings.issuer
        return json_answer(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/.well-known/jwks.json",
                "userinfo_endpoint": f"{issuer}/v1/userinfo",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [identity.settings.algorithm],
                "scopes_supported": ["openid"],
                "token_endpoint_auth_methods_supported": [],
                "claims_supported": ["sub", "ent"],
                "grant_types_supported": [],
            }
        )

    async def userinfo(request: Request) -> Response:
        caller = principal_of(request)
        if caller.user is None:
            raise AuthenticationError("No token provided")
        return json_answer({"sub": caller.user, "ent": list(caller.owns)}, headers=_NO_STORE)

    async def give_cookie(request: Request) -> Response:
        caller = principal_of(request)
        if caller.means == "open":
            # Nothing is refused to a browser without a cookie then; it should ask again in an hour.
            return json_answer({"expiresAt": _iso(identity.clock() + 3600)}, headers=_NO_STORE)
        if caller.user is None or caller.means not in ("session", "token"):
            raise NotAllowedError("Only a signed-in user gets a cookie")
        token, expires = await identity.tokens.issue_limited_token(caller.user)
        age = int(expires - identity.clock())
        answer = json_answer({"expiresAt": _iso(expires)}, headers=_NO_STORE)
        answer.headers.append("set-cookie", _cookie(request, token, age))
        return answer

    async def take_cookie(request: Request) -> Response:
        answer = empty()
        answer.headers.append("set-cookie", _cookie(request, "", 0))
        return answer

    def _cookie(request: Request, value: str, age: int) -> str:
        secure = identity.settings.secure or request.url.scheme == "https"
        path = f"/api/{plugin_of(request.url.path)}"
        return cookie_header(LIMITED_COOKIE, value, max_age=age, secure=secure, path=path)

    own = "/api/{plugin:str}/.backstage/auth/v1"
    return [
        Route("/api/auth/.well-known/jwks.json", jwks, methods=["GET"]),
        Route("/api/auth/.well-known/openid-configuration", openid, methods=["GET"]),
        Route("/api/auth/v1/userinfo", userinfo, methods=["GET"]),
        Route(f"{own}/jwks.json", jwks, methods=["GET"]),
        Route(f"{own}/cookie", give_cookie, methods=["GET"]),
        Route(f"{own}/cookie", take_cookie, methods=["DELETE"]),
    ]


def _token_routes(identity: Identity) -> list[Route]:
    async def listed(request: Request) -> Response:
        tokens = await identity.personal.of(_signed_in(request, "token"))
        return json_answer({"items": [_shown_token(one) for one in tokens]}, headers=_NO_STORE)

    async def create(request: Request) -> Response:
        user = _signed_in(request)
        wanted = await read_model(request, NewToken)
        expires = identity.clock() + min(DEFAULT_DAYS * 86400, identity.settings.personal_most)
        if wanted.expiresAt is not None:
            expires = _time(wanted.expiresAt)
        token, secret = await identity.personal.create(user, wanted.name, wanted.scopes, expires)
        return json_answer({**_shown_token(token), "token": secret}, 201, _NO_STORE)

    async def revoke(request: Request) -> Response:
        user = _signed_in(request, "token")
        if not await identity.personal.revoke(request.path_params["id"], of=user):
            raise NotFoundError("There is no such token")
        return empty()

    return [
        Route("/api/auth/v1/tokens", listed, methods=["GET"]),
        Route("/api/auth/v1/tokens", create, methods=["POST"]),
        Route("/api/auth/v1/tokens/{id:str}", revoke, methods=["DELETE"]),
    ]


def _session_routes(identity: Identity) -> list[Route]:
    async def listed(request: Request) -> Response:
        sessions = await identity.sessions.of(_signed_in(request, "token"))
        current = principal_of(request).session
        items = [_shown_session(one, current=one.id == current) for one in sessions]
        return json_answer({"items": items}, headers=_NO_STORE)

    async def revoke(request: Request) -> Response:
        user = _signed_in(request, "token")
        if not await identity.sessions.revoke(request.path_params["id"], of=user):
            raise NotFoundError("There is no such session")
        return empty()

    async def revoke_all(request: Request) -> Response:
        """Everywhere, and every token issued at sign-in; `?keep=current` spares this browser."""
        user = _signed_in(request, "token")
        keep = request.query_params.get("keep")
        if keep not in (None, "current"):
            raise InputError("request/query/keep must be equal to one of the allowed values: current")
        await identity.sessions.revoke_all(user, keep=principal_of(request).session if keep else None)
        return empty()

    return [
        Route("/api/auth/v1/sessions", listed, methods=["GET"]),
        Route("/api/auth/v1/sessions", revoke_all, methods=["DELETE"]),
        Route("/api/auth/v1/sessions/{id:str}", revoke, methods=["DELETE"]),
    ]


def _signed_in(request: Request, *besides: str) -> str:
    """The ref of a caller who signed in with a browser (or came by the means in `besides`).

    Nothing else may look after tokens and sessions: a token that leaked must not give itself a longer life.
    """
    caller: Principal = principal_of(request)
    if caller.user is None or caller.actor is not None or caller.means not in ("session", *besides):
        raise NotAllowedError("Only a user who is signed in may do this, not a token")
    return caller.user


def _shown_token(token: PersonalToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": list(token.scopes),
        "createdAt": _iso(token.created),
        "expiresAt": _iso(token.expires),
        "lastUsedAt": None if token.last_used is None else _iso(token.last_used),
    }


def _shown_session(session: Session, *, current: bool) -> dict[str, Any]:
    return {
        "id": session.id,
        "current": current,
        "provider": session.provider,
        "createdAt": _iso(session.created),
        "lastSeenAt": _iso(session.last_seen),
        "expiresAt": _iso(session.expires),
        "userAgent": session.user_agent,
        "ip": session.ip,
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise InputError("request/body/expiresAt must be a time in ISO 8601") from None
