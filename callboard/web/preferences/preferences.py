"""The preferences of the visitor of one request: read once when first asked for."""

from __future__ import annotations

import re
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from callboard.web.preferences.store import PreferenceStore, Visit

COOKIE = "callboard-browser"
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_TWO_YEARS = 2 * 365 * 86400


class Preferences:
    """A user who is signed in is known by their ref, anybody else by a random cookie, set once it is needed.

    What somebody kept before signing in becomes the user's at the first sight of both.
    """

    def __init__(self, store: PreferenceStore, request: Request, user: str | None = None) -> None:
        self._store = store
        given = request.cookies.get(COOKIE, "")
        self._user = user
        self._browser = given if _ID.fullmatch(given) else None
        self._known = user is not None or self._browser is not None
        self._id = self._browser or secrets.token_urlsafe(16)
        self._taken_over = False
        self._secure = request.url.scheme == "https"
        self._new = False
        self._values: dict[str, Any] | None = None
        self._starred: list[str] = []

    @property
    def browser(self) -> str | None:
        """The id of a browser that is known already."""
        return f"browser:{self._browser}" if self._browser else None

    @property
    def owner(self) -> str:
        """Under whom things are kept."""
        return self._user or f"browser:{self._id}"

    async def load(self) -> None:
        """Read what is stored; the getters below need it, and `View` does it for every page."""
        if self._values is None:
            self._values, self._starred = {}, []
            if self._user is not None and self._browser is not None:
                await self._store.take_over(f"browser:{self._browser}", self._user)
                self._taken_over = True
            if self._known:
                self._values, self._starred = await self._store.load(self.owner)

    def get(self, key: str, default: Any = None) -> Any:
        """A setting (JSON, hence Any)."""
        assert self._values is not None
        return self._values.get(key, default)

    async def set(self, key: str, value: Any) -> None:
        self._new = not self._known
        await self._store.set(self.owner, key, value)
        if self._values is not None:
            self._values[key] = value

    @property
    def starred(self) -> list[str]:
        """Refs, the one starred last first."""
        return self._starred

    async def star(self, entity_ref: str) -> None:
        self._new = not self._known
        await self._store.star(self.owner, entity_ref)
        if entity_ref not in self._starred:
            self._starred.insert(0, entity_ref)

    async def unstar(self, entity_ref: str) -> None:
        await self._store.unstar(self.owner, entity_ref)
        self._starred = [ref for ref in self._starred if ref != entity_ref]

    async def visited(self, limit: int = 10) -> list[Visit]:
        return await self._store.visited(self.owner, limit) if self._known else []

    async def note_visit(self, entity_ref: str) -> None:
        self._new = not self._known
        await self._store.note_visit(self.owner, entity_ref)

    def remember(self, response: Response) -> None:
        """Give a new visitor the cookie that what was stored belongs to; take it from one who signed in."""
        if self._taken_over:
            response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self._secure)
        if self._new:
            response.set_cookie(
                COOKIE, self._id, max_age=_TWO_YEARS, httponly=True, samesite="lax", secure=self._secure
            )
