"""Writes down every request that changes something with its outcome, and every refusal. ASGI middleware.

Bodies, tokens and cookies are not looked at, but for the name of the error in the envelope of an answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.access.audit.audit import Audit
from callboard.access.audit.event import Event, at_least
from callboard.access.audit.note import SCOPE_KEY, Note
from callboard.access.audit.redact import clean_meta, clean_text, clean_url
from callboard.access.edge.addresses import ClientAddress, peer
from callboard.access.principals import NOBODY, OPEN, Principal
from callboard.access.principals import SCOPE_KEY as PRINCIPAL_KEY
from callboard.core.http_forgery import CHANGING

REFUSALS = frozenset({401, 403, 421, 429})
READS = (
    "/api/*/.well-known/backstage/permissions/apply-conditions",
    "/api/catalog/analyze-location",
    "/api/catalog/entities/by-query",
    "/api/catalog/entities/by-refs",
    "/api/catalog/entity-facets",
    "/api/catalog/locations/by-query",
    "/api/catalog/validate-entity",
    "/api/permission/authorize",
    "/api/user-settings/multiget",
)
"""Backstage's reads that are POSTs because their question is long. `*` is one segment. Other features call
`unaudited(request)`."""

_PLUGIN = re.compile(r"[a-zA-Z0-9-]{1,100}")
_ERROR = re.compile(rb'^\{"error":\{"name":"([A-Za-z]{1,60})"')


class Audited:
    """Stands around `Edge`, so that it sees what `Edge` and `Credentials` refuse, and the last status.

    An answer to a request that changes something is finished only after its event is in the database.
    """

    def __init__(
        self, app: ASGIApp, audit: Audit, address: ClientAddress = peer, reads: Iterable[str] = READS
    ) -> None:
        self.app = app
        self._audit = audit
        self._address = address
        patterns = "|".join(re.escape(one).replace(r"\*", "[^/]+") for one in reads)
        self._reads = re.compile(f"(?:{patterns})/?")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.time()
        note = scope[SCOPE_KEY] = Note()
        changing = scope["method"] in CHANGING and self._reads.fullmatch(scope["path"]) is None
        status, error, done = 0, "", False

        async def watching(message: Message) -> None:
            nonlocal status, error, done
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and not done:
                if status >= 400 and not error:
                    named = _ERROR.match(message.get("body", b"")[:200])
                    error = named[1].decode() if named else str(status)
                if not message.get("more_body"):
                    done = True
                    if status in REFUSALS or _matters(note, changing):
                        await self._write(scope, self._event(scope, started, note, status, error))
            await send(message)

        try:
            await self.app(scope, receive, watching)
        finally:
            if not done and _matters(note, changing):
                # Broken off: by an exception, or because the client hung up. There is no time to wait.
                cut = self._event(scope, started, note, status or 500, error or "aborted")
                self._audit.later(cut)

    async def _write(self, scope: Scope, event: Event) -> None:
        """What reached a handler is in the database when this returns. What anybody can cause waits."""
        unknown = event.status == "failed" and _principal(scope).type == "none"
        if event.http_status in REFUSALS or unknown or "endpoint" not in scope:
            self._audit.refused(event)
        else:
            await self._audit.record(event)

    def _event(self, scope: Scope, started: float, note: Note, status: int, error: str) -> Event:
        principal = _principal(scope)
        plugin, named = _named(scope)
        # A redirect that no handler gave leads to the sign-in.
        turned_away = status in REFUSALS or (status in (302, 303, 307) and "endpoint" not in scope)
        return Event(
            at=started,
            plugin=clean_text(note.plugin or plugin, 100),
            event=clean_text(note.event or named, 300),
            severity=at_least(note.severity, "medium") if turned_away else note.severity,
            status="failed" if status >= 400 or error or turned_away else "succeeded",
            actor=clean_text(principal.name, 500),
            via=clean_text(principal.actor or "", 500),
            means=principal.means,
            ip=clean_text(self._address(scope), 100),
            user_agent=_user_agent(scope),
            method=clean_text(scope["method"], 20),
            url=clean_url(scope.get("raw_path") or scope["path"].encode(), scope.get("query_string", b"")),
            http_status=status,
            error=error,
            meta=clean_meta(note.meta),
        )


def _matters(note: Note, changing: bool) -> bool:
    return bool(note.event) or (changing and not note.skipped)


def _principal(scope: Scope) -> Principal:
    """Who asked. Where the request never came as far as `Credentials`, nobody is known."""
    found: Principal | None = scope.get(PRINCIPAL_KEY)
    if found is not None:
        return found
    return OPEN if "endpoint" in scope else NOBODY


def _named(scope: Scope) -> tuple[str, str]:
    """The plugin, and a name for the event: method and path, with the variable parts by their names."""
    path: str = scope["path"]
    plugin, rest = "pages", path
    if path.startswith("/api/"):
        plugin, _, rest = path[5:].partition("/")
        plugin, rest = plugin if _PLUGIN.fullmatch(plugin) else "unknown", f"/{rest}"
    values: dict[str, Any] = scope.get("path_params", {})
    for name, value in values.items():
        rest = f"{rest}/".replace(f"/{value}/", f"/{{{name}}}/", 1).removesuffix("/")
    return plugin, f"{scope['method']} {rest}"


def _user_agent(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"user-agent":
            return clean_text(bytes(value).decode("latin-1"), 300)
    return ""
