"""The gate before the router: finds out who asks, refuses what must be refused, and notes the principal.

It decides who someone is and whether a token is used where it may be; what a user may do is for permissions.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.access.identity.cookies import LIMITED_COOKIE, SESSION_COOKIE, cookies_named
from callboard.access.identity.paths import Paths, any_of, plugin_of
from callboard.access.identity.same_origin import is_same_origin
from callboard.access.identity.service import Identity
from callboard.access.identity.tokens import illegal
from callboard.access.principals import NOBODY, OPEN, SCOPE_KEY, Principal
from callboard.core.errors import AuthenticationError, CallboardError, NotAllowedError
from callboard.core.http import error_answer

_SAFE = ("GET", "HEAD", "OPTIONS")
MISSING = "Missing credentials"
ENDED = "The session has ended, sign in again"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of a request decides who asks."""

    path: str
    method: str
    plugin: str | None
    public: bool
    limited: bool
    headers: Headers

    @property
    def changes(self) -> bool:
        return self.method not in _SAFE


class _SessionEndedError(AuthenticationError):
    """The cookie is of no use any more: the browser should forget it."""


class Credentials:
    """Stands inside `core.http_edge.Edge`. With `auth.providers` configured, requests without credentials are
    refused outside the public paths; without, they are open to everyone, but bad credentials never are."""

    def __init__(self, app: ASGIApp, identity: Identity, paths: Paths | None = None) -> None:
        paths = paths or Paths()
        self.app = app
        self._identity = identity
        self._required = identity.settings.required
        self._is_public = any_of(paths.public).fullmatch
        self._is_limited = any_of(paths.limited).fullmatch
        self._is_reading = any_of(paths.reading).fullmatch
        self._is_open = any_of(()).fullmatch

    def open(self, patterns: tuple[str, ...]) -> None:
        """Let everyone read what plugins made public; what was made so before is not any more."""
        self._is_open = any_of(patterns).fullmatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        method: str = scope.get("method", "GET")
        reads = method in ("GET", "HEAD")
        asked = _Asked(
            path=path,
            method=method,
            plugin=plugin_of(path),
            public=self._is_public(path) is not None or (reads and self._is_open(path) is not None),
            limited=reads and self._is_limited(path) is not None,
            headers=Headers(scope=scope),
        )
        # In place, so that what stands outside sees it too; a request that is refused came from nobody.
        scope[SCOPE_KEY] = NOBODY
        try:
            principal, cookie = await self._who(asked, scope)
            self._check_restrictions(principal, asked)
        except CallboardError as error:
            if not asked.public or not isinstance(error, AuthenticationError | NotAllowedError):
                await self._refuse(error, asked, scope, receive, send)
                return
            principal, cookie = NOBODY, None
        scope[SCOPE_KEY] = principal
        await self.app(scope, receive, _setting(cookie, send) if cookie else send)

    async def _who(self, asked: _Asked, scope: Scope) -> tuple[Principal, str | None]:
        """The principal, and a Set-Cookie header for the answer."""
        token = _bearer(asked.headers)
        if token is not None:
            found = self._identity.authenticate(token, plugin=asked.plugin, limited=asked.limited)
            return await found, None
        cookies = asked.headers.get("cookie", "")
        if f"{SESSION_COOKIE}=" in cookies and (values := cookies_named(cookies, SESSION_COOKIE)):
            return await self._with_session(values, asked, scope)
        if asked.limited and (values := cookies_named(cookies, LIMITED_COOKIE)):
            return await self._with_limited_cookie(values, asked), None
        if not self._required:
            return OPEN, None
        if asked.public:
            return NOBODY, None
        raise AuthenticationError(MISSING)

    async def _with_session(
        self, values: list[str], asked: _Asked, scope: Scope
    ) -> tuple[Principal, str | None]:
        # Two different cookies: a neighbouring site of the same domain tries to put another's session here.
        resumed = await self._identity.sessions.resume(values[0]) if len(values) == 1 else None
        if resumed is None:
            raise _SessionEndedError(ENDED)
        if asked.changes or scope["type"] == "websocket":
            self._check_origin(asked.headers)
        principal = await self._identity.sessions.principal(resumed.session)
        if resumed.cookie is None:
            return principal, None
        return principal, self._identity.sessions.set_cookie(resumed.cookie, HTTPConnection(scope))

    async def _with_limited_cookie(self, values: list[str], asked: _Asked) -> Principal:
        if len(values) != 1 or not self._identity.tokens.is_own(values[0]):
            raise illegal()
        found = await self._identity.tokens.verify(values[0], plugin=None, limited=True)
        if found.means != "limited":  # a whole user token has no business in a cookie
            raise illegal()
        return found

    def _check_origin(self, headers: Headers) -> None:
        if not is_same_origin(headers, self._identity.settings.origins):
            raise NotAllowedError("Changes must be asked for from the portal's own pages")

    def _check_restrictions(self, principal: Principal, asked: _Asked) -> None:
        """What a token is restricted to holds before any permission is asked for."""
        if principal.restrictions is None:
            return
        plugins = [one.plugin for one in principal.restrictions]
        if "*" not in plugins and asked.plugin not in plugins:
            names = ", ".join(f"'{name}'" for name in dict.fromkeys(plugins))
            raise NotAllowedError(f"This token's access is restricted to plugin(s) {names}")
        if principal.means != "personal" or not asked.changes:
            return
        here = [one for one in principal.restrictions if one.plugin in ("*", asked.plugin)]
        # Not every route that changes something asks for a permission, so the scope `read` is kept here too.
        reads = all(one.actions == ("read",) for one in here)
        if reads and not (asked.method == "POST" and self._is_reading(asked.path)):
            raise NotAllowedError("This token may only read")

    async def _refuse(
        self, error: CallboardError, asked: _Asked, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": error.name})
            return
        answer: Response = error_answer(scope, error)
        if isinstance(error, AuthenticationError) and self._required and asked.plugin is None:
            if "hx-request" in asked.headers:
                answer.headers["hx-redirect"] = "/sign-in"
            elif asked.method in ("GET", "HEAD") and "text/html" in asked.headers.get("accept", ""):
                answer = RedirectResponse(f"/sign-in?from={_from(scope)}", status_code=303)
        if isinstance(error, _SessionEndedError):
            cookie = self._identity.sessions.clear_cookie(HTTPConnection(scope))
            answer.headers.append("set-cookie", cookie)
        await answer(scope, receive, send)


def _bearer(headers: Headers) -> str | None:
    """The token of the Authorization header, None without one. Other schemes are for proxies before us."""
    values = headers.getlist("authorization")
    tokens = [value[7:].strip() for value in values if value[:7].lower() == "bearer "]
    if len(tokens) > 1:
        raise illegal()
    if not tokens and any(value.strip().lower() == "bearer" for value in values):
        raise illegal()
    return tokens[0] if tokens else None


def _from(scope: Scope) -> str:
    """Where to go after sign-in: this path and query, for a query parameter. Never another site."""
    path: str = scope["path"]
    if path.startswith("//") or "\\" in path:
        return quote("/")
    query: bytes = scope.get("query_string", b"")
    whole = quote(path) + (f"?{query.decode('latin-1')}" if query else "")
    return quote(whole, safe="/")


def _setting(cookie: str, send: Send) -> Send:
    async def with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # A handler that begins or ends a session has the last word.
            if not any(one.startswith(f"{SESSION_COOKIE}=") for one in headers.getlist("set-cookie")):
                headers.append("set-cookie", cookie)
        await send(message)

    return with_cookie
