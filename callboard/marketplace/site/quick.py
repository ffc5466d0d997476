"""Gives pages and files of the public site that are kept, before the portal looks for who makes them.

It stands among the routes, so inside everything that finds out who asks and what is allowed. It only takes a
request of nobody for what was made for nobody before; all others go on to the pages.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from callboard.access.principals import principal_of
from callboard.marketplace.site.kept import Kept
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.service import forget_public, known_public, today
from callboard.plugins import PluginContext

_GIVEN = "callboard.marketplace.kept"
_NO_MATCH: tuple[Match, Scope] = Match.NONE, {}


class KeptRoute(BaseRoute):
    """Matches what is kept. What a request accepts is looked at once, for the match and for the answer."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        forget_public(context)  # routes are made anew when plugins change, and these may bring a language

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(ROOT):
            return _NO_MATCH
        public = known_public(self._context)
        if public is None or principal_of(scope).type != "none":
            return _NO_MATCH
        asked = {b"accept-language": b"", b"accept-encoding": b"", b"if-none-match": b""}
        for name, value in scope["headers"]:
            if name in asked and not asked[name]:
                asked[name] = value
        language = public.language(asked[b"accept-language"].decode("latin-1"))
        found = public.kept(today(), language, scope)
        if found is None:
            return _NO_MATCH
        form = found.form(asked[b"accept-encoding"], asked[b"if-none-match"])
        return Match.FULL, {"endpoint": Kept, _GIVEN: form}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, head, body = scope[_GIVEN]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
