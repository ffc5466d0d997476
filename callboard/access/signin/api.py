"""The routes of sign-in, as Backstage has them below `/api/auth/<provider>` (contract note C1)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.access.signin import answers
from callboard.access.signin.attempts import Attempts
from callboard.access.signin.pending import LIFE, Begun, Flow, Keys, cookie_name, new_keys
from callboard.access.signin.profile import SignInError
from callboard.access.signin.provider import OAuthProvider, Provider
from callboard.access.signin.returned import Returned
from callboard.access.signin.service import SignedIn, SignIn, SignInParts
from callboard.core.errors import AuthenticationError, InputError, NotFoundError
from callboard.core.http import empty, json_answer
from callboard.core.http_body import read_body

__all__ = ["SignInParts", "signin_routes"]

_MAX_FORM = 64 * 1024
_NO_STORE = {"cache-control": "no-store"}


def signin_routes(parts: SignInParts) -> list[Route]:
    """Every route answers people who are not signed in. `/sign-out` is the portal's form."""
    routes = _Routes(parts)
    below = "/api/auth/{provider}"
    return [
        Route(answers.SCRIPT_PATH, answers.popup_script, methods=["GET"]),
        Route(f"{below}/start", routes.start, methods=["GET"]),
        Route(f"{below}/handler/frame", routes.handle, methods=["GET", "POST"]),
        Route(f"{below}/refresh", routes.refresh, methods=["GET", "POST"]),
        Route(f"{below}/logout", routes.log_out, methods=["POST"]),
        Route("/sign-out", routes.sign_out, methods=["POST"]),
    ]


class _Routes:
    def __init__(self, parts: SignInParts) -> None:
        self._parts = parts
        self._places = parts.settings.places
        self._signin = SignIn(parts)
        self._attempts = Attempts(parts.settings.attempts)

    async def start(self, request: Request) -> Response:
        """Send the browser to the provider; where the request itself says who it is, sign in at once."""
        provider, query = self._provider(request), request.query_params
        begun = Begun(
            provider=provider.id,
            flow=_flow(query.get("flow")),
            origin=self._places.origin(query.get("origin")),
            way_back=self._places.way_back(query.get("redirectUrl")),
        )
        try:
            self._attempts.note(self._parts.address_of(request))
            if not isinstance(provider, OAuthProvider):
                return self._ended(await self._signin.of_request(provider, request), begun)
            keys = new_keys()
            url = await self._signin.flow(provider).authorization_url(keys)
            await self._parts.pending.begin(begun, keys)
        except SignInError as error:
            self._signin.refuse(provider.id, error, request)
            return answers.refused(error, begun, self._places)
        answer = RedirectResponse(url, 302, _NO_STORE)
        self._set_cookie(answer, keys.state, keys.browser, LIFE)
        return answer

    async def handle(self, request: Request) -> Response:
        """Where the provider sends the browser back to."""
        provider = self._provider(request)
        if not isinstance(provider, OAuthProvider):
            raise NotFoundError(f"The provider {provider.id} has no such step")
        given = await _given(request)
        state = given.get("state", "")
        begun: Begun | None = None
        try:
            self._attempts.note(self._parts.address_of(request))
            keys = Keys(state, request.cookies.get(cookie_name(state, secure=self._places.secure), ""))
            begun = await self._parts.pending.take(provider.id, keys)
            if begun is None:
                raise SignInError("expired", "the state is not known, was used, or is of another browser")
            returned = Returned(given.get("code"), given.get("iss"), given.get("error"))
            profile = await self._signin.flow(provider).profile(returned, keys)
            answer = self._ended(await self._signin.begin(provider, profile, request), begun)
        except SignInError as error:
            self._signin.refuse(provider.id, error, request)
            answer = answers.refused(error, begun, self._places)
        if begun is not None:
            self._set_cookie(answer, state, "", 0)
        return answer

    async def refresh(self, request: Request) -> Response:
        """The answer of a sign-in again: for the session at hand, or for whom the request itself names.

        AuthenticationError without either.
        """
        provider = self._provider(request)
        if isinstance(provider, OAuthProvider):
            found = await self._signin.resumed(provider, request)
            if found is None:
                raise AuthenticationError("There is no session with this provider")
        else:
            try:
                if principal_of(request).session is None:
                    self._attempts.note(self._parts.address_of(request))
                found = await self._signin.of_request(provider, request)
            except SignInError as error:
                self._signin.refuse(provider.id, error, request)
                raise
        return _with_cookie(json_answer(found.response, headers=_NO_STORE), found)

    async def log_out(self, request: Request) -> Response:
        """Revoke the session, whichever provider began it."""
        self._provider(request)
        await self._signin.end(request)
        return self._without_session(empty(200), request)

    async def sign_out(self, request: Request) -> Response:
        """The same for a person, who goes on with the page of sign-in."""
        await self._signin.end(request)
        return self._without_session(answers.to_sign_in(self._places, signed_out="yes"), request)

    def _provider(self, request: Request) -> Provider:
        id, environment = request.path_params["provider"], request.query_params.get("env")
        found = self._parts.settings.provider(id)
        if found is None or environment not in (None, "", self._parts.settings.environment):
            raise NotFoundError("There is no such sign-in provider here")
        return found

    def _ended(self, found: SignedIn, begun: Begun) -> Response:
        if begun.flow == "redirect":
            return _with_cookie(answers.onward(begun.way_back, self._places), found)
        return _with_cookie(answers.posted(found.response, begun, self._places), found)

    def _set_cookie(self, answer: Response, state: str, value: str, seconds: int) -> None:
        secure = self._places.secure
        answer.set_cookie(
            cookie_name(state, secure=secure),
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=secure,
            samesite="lax",  # the way back is a navigation that another site begins
        )

    def _without_session(self, answer: Response, request: Request) -> Response:
        answer.headers.append("set-cookie", self._parts.identity.sessions.clear_cookie(request))
        return answer


def _with_cookie(answer: Response, found: SignedIn) -> Response:
    if found.cookie is not None:
        answer.headers.append("set-cookie", found.cookie)
    return answer


def _flow(asked: str | None) -> Flow:
    if asked in (None, "", "popup"):
        return "popup"
    if asked == "redirect":
        return "redirect"
    raise InputError("flow must be popup or redirect")


async def _given(request: Request) -> Mapping[str, str]:
    """The parameters of the callback. Raises InputError for one given twice: nobody knows which is meant."""
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        raw = await read_body(request, limit=_MAX_FORM)
        try:
            pairs += parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
        except ValueError:
            raise InputError("The form is not valid: it must be URL-encoded UTF-8") from None
    if len(dict(pairs)) != len(pairs):
        raise InputError("A parameter is given twice")
    return dict(pairs)
