"""One request for a page: what its handler may ask, and how it answers."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callboard.access.identity.service import Identity
from callboard.access.permissions import Permission, Result
from callboard.access.principals import Principal, principal_of
from callboard.access.signin import SignInSettings, read_signin_settings
from callboard.catalog.difference import Change
from callboard.catalog.index import Index
from callboard.catalog.permitted import Permitted
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import NOTHING
from callboard.catalog.service import Catalog
from callboard.core.config import Config
from callboard.core.errors import InputError
from callboard.core.http_body import read_body
from callboard.model import Model
from callboard.model.refs import parse_ref
from callboard.plugins import PluginContext, Registry
from callboard.plugins.health import Health
from callboard.search import SeenSearch, Visible
from callboard.web.contributions import NavigationItem
from callboard.web.language import translated
from callboard.web.preferences import Preferences
from callboard.web.services import Services
from callboard.web.titles import NAMES
from callboard.web.usage import agrees
from callboard.web.visitor import shown, shown_body

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAX_FORM = 8 * 1024 * 1024
_WORTH_COMPRESSING = 1400  # a smaller page fits one packet as it is

Entity = dict[str, Any]


class View:
    """`catalog` changes entities, `queries` and `index` answer, `preferences` are the visitor's.

    All of them are the visitor's own once the view is `open`: they show what the visitor may see, and do what
    the visitor may do. Before it, they are not there.
    """

    def __init__(self, services: Services, request: Request) -> None:
        self._started = perf_counter()
        self._services = services
        self.request = request
        self.query: QueryParams = request.query_params
        self.principal: Principal = principal_of(request)
        self.preferences = Preferences(services.preferences, request, self.principal.user)
        self.queries: Queries
        self.catalog: Catalog | Permitted
        self.search: SeenSearch
        self.place: tuple[str, str] = ("", "")
        """The plugin that the page is of, and the page's path in Starlette's syntax."""
        self._opened = False
        self._navigation: list[NavigationItem] = []

    async def open(self) -> None:
        """Learn what the visitor sees, may do and prefers; asking again does nothing."""
        if self._opened:
            return
        await self.look()
        await self.preferences.load()
        for item in self.registry.of(NavigationItem):
            if item.permission is None or await self.allowed(item.permission):
                self._navigation.append(item)
        self._opened = True

    async def look(self) -> None:
        """Learn what the visitor sees and may do, and no more."""
        services = self._services
        self.queries, self.catalog = services.queries, services.catalog
        if services.visibility is not None:
            self.queries = await services.visibility.queries_for(self.principal)
            self.catalog = Permitted(
                services.catalog, services.visibility, services.visibility.permissions, self.principal
            )
        if self.principal.type == "none":  # the page to sign in on tells nothing
            self.queries = services.queries.seen(NOTHING)
        visible = Visible(self.index, services.queries.index) if self.is_bound else None
        self.search = SeenSearch(services.search, visible)

    @property
    def index(self) -> Index:
        """What the visitor sees of the read index."""
        return self.queries.index

    @property
    def is_bound(self) -> bool:
        """Whether the visitor sees only a part of the catalog."""
        return bool(self.queries.tag)

    @property
    def identity(self) -> Identity | None:
        """Sessions and tokens; None in a portal that nobody signs in to."""
        return None if self._services.access is None else self._services.access.identity

    @property
    def signin(self) -> SignInSettings:
        """The providers by which people sign in, of the plugins that run."""
        access = self._services.access
        return read_signin_settings(self.config) if access is None else access.signin.settings

    @property
    def config(self) -> Config:
        return self._services.config

    @property
    def registry(self) -> Registry:
        return self._services.registry

    def plugin(self, id: str) -> PluginContext:
        """What the plugin of this id is given, for its own pages and cards. KeyError when it does not run."""
        return self._services.live.contexts[id]

    @property
    def health(self) -> Health:
        """How the plugins fare."""
        return self._services.live.health

    @property
    def model(self) -> Model:
        return self._services.model

    @property
    def development(self) -> bool:
        return self._services.development

    @property
    def htmx(self) -> bool:
        """Whether a part of a page is wanted; going back in the browser's history asks for the whole."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-history-restore-request" not in headers

    # Who looks

    @property
    def user(self) -> str | None:
        """The ref of the user who is signed in."""
        return self.principal.user

    @property
    def me(self) -> str | None:
        """The user who is signed in; else who the visitor says to be, which never decides what is allowed."""
        if self.user is not None:
            return self.user
        ref: str | None = self.preferences.get("me")
        return ref if ref is not None and self.index.row(ref) is not None else None

    @property
    def owned_refs(self) -> list[str]:
        """The visitor and the groups the visitor is a member of: owners of "what I own"."""
        if self.user is not None:
            return list(dict.fromkeys((self.user, *self.principal.owns)))
        if self.me is None:
            return []
        row = self.index.row(self.me)
        assert row is not None
        return [self.me, *sorted(ref.lower() for ref in self.index.values_of(row, "relations.memberof"))]

    @property
    def can_sign_in(self) -> bool:
        """Whether the page offers to sign in."""
        access = self._services.access
        return access is not None and bool(access.signin.settings.providers) and self.user is None

    @property
    def here(self) -> str:
        """The path of the page with its query, to come back to."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    async def allowed(self, permission: Permission, entity: Mapping[str, Any] | None = None) -> bool:
        """Whether the visitor may do something (with an entity), so that pages offer only what works.

        It is no protection: `catalog` refuses what is not allowed by itself.
        """
        permissions = self._services.permissions
        return permissions is None or await permissions.allows(self.principal, permission, entity)

    async def possible(self, permission: Permission) -> bool:
        """Whether the visitor may do something at all, perhaps with some entities only."""
        permissions = self._services.permissions
        if permissions is None:
            return True
        return (await permissions.decide(self.principal, permission)).result is not Result.DENY

    async def require(self, permission: Permission, entity: Mapping[str, Any] | None = None) -> None:
        """Raises NotAllowedError, which becomes a page, unless the visitor may do it."""
        if self._services.permissions is not None:
            await self._services.permissions.require(self.principal, permission, entity)

    def hides(self, ref: str) -> bool:
        """Whether there is such an entity that the visitor may not see: of it nothing may be told."""
        return self.index.hides(ref)

    def unseen(self, ref: str) -> bool:
        """Whether the visitor sees only a part of the catalog, and no such entity now.

        What a stored relation led to may have been hidden while it was there, so the past tells of no others.
        """
        return self.is_bound and self.index.row(ref.lower()) is None

    def told(self, changes: Iterable[Change]) -> list[Change]:
        """Changes between two versions of an entity, without those of relations to what is or was hidden."""
        return [
            one
            for one in changes
            if not (
                one.path.startswith("relations")
                and any(isinstance(ref, str) and self.unseen(ref) for ref in (one.before, one.after))
            )
        ]

    @property
    def starred(self) -> list[str]:
        """The refs of what the visitor starred, the latest first; none of what is or was hidden."""
        known = self.preferences.starred
        return [ref for ref in known if self.index.row(ref) is not None] if self.is_bound else known

    @property
    def language(self) -> str:
        """The code of the language of the page, such as `en`."""
        accepted = self.request.headers.get("accept-language", "")
        return self._services.texts.chosen(self.preferences.get("language"), accepted)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of all languages that can be chosen."""
        return self._services.texts.known

    def text(self, text: str) -> str:
        """A text of the code in the visitor's language."""
        self._services.texts.use(self.language)
        return translated(text)

    @property
    def captures_usage(self) -> bool:
        """Whether this portal counts what its visitors do."""
        return self._services.usage is not None

    def note(self, action: str, subject: str, value: float | None = None) -> None:
        """Tell of what the visitor did, where usage is captured and the visitor has nothing against it."""
        usage = self._services.usage
        if usage is not None:
            plugin, page = self.place
            willing = agrees(self.request.headers, self.preferences.get("usage"))
            browser = None if self.user is not None else self.preferences.browser
            usage.note(self.principal, browser, willing, action, subject, plugin, page, value)

    # What is asked for

    async def entity(self, ref: str) -> Entity | None:
        """The final entity, or None where there is none (or no such reference)."""
        try:
            row = self.index.row(str(parse_ref(ref)))
        except InputError:
            return None
        found = [] if row is None else await self.entities([row])
        return found[0] if found else None

    async def entities(self, rows: Iterable[int]) -> list[Entity]:
        """The entities of rows of the index, in their order, as the visitor may see them."""
        bodies = await self.index.bodies(rows)
        return [shown(orjson.loads(body), self.hides) for body in bodies if body is not None]

    def shown(self, entity: Entity) -> Entity:
        """An entity of the past, without relations to what is or was hidden."""
        return shown(entity, self.unseen)

    async def bodies(self, rows: Sequence[int]) -> AsyncIterator[list[bytes]]:
        """The same serialized and in pieces, for as many as there are."""
        async for chunk in self.index.stream(rows):
            yield [shown_body(body, self.hides) for body in chunk] if self.is_bound else chunk

    def title_of(self, ref: str) -> str:
        """How people call the entity: its display name or title, else its name."""
        row = self.index.row(ref.lower())
        if row is not None:
            for key in NAMES[:-1]:
                if values := self.index.values_of(row, key):
                    return values[0]
        return ref.rpartition("/")[2]

    async def form(self) -> dict[str, list[str]]:
        """The fields of a posted form. Edge has refused forms of other sites already."""
        raw = await read_body(self.request, limit=MAX_FORM)
        try:
            pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=20_000, errors="strict")
        except ValueError:
            raise InputError("The form is not valid: it must be URL-encoded UTF-8") from None
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return fields

    # Answers

    async def page(self, template: str, *, title: str, status: int = 200, **context: Any) -> Response:
        """A whole page; its template extends `layout.html`. `context` is whatever the template needs."""
        return await self._answer(template, {"title": title, **context}, status)

    async def fragment(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A part of a page, for a request of htmx."""
        return await self._answer(template, context, status)

    async def redirect(self, path: str) -> Response:
        """Go on with another page of ours, after a form was carried out."""
        response = RedirectResponse(path, 303)
        self.preferences.remember(response)
        return response

    def came_from(self, otherwise: str) -> str:
        """The path of the page whose form was posted, or `otherwise`; never another site."""
        parts = urlsplit(self.request.headers.get("referer", ""))
        if parts.netloc != self.request.headers.get("host") or not parts.path.startswith("/"):
            return otherwise
        path = "/" + parts.path.lstrip("/")
        return f"{path}?{parts.query}" if parts.query else path

    async def not_found(self, message: str) -> Response:
        return await self.error(404, "Not found", message)

    async def error(self, status: int, title: str, message: str, problems: Sequence[Any] = ()) -> Response:
        """An error page. `problems` are `core.errors.Problem`s to list with their places."""
        return await self.page("error.html", title=title, status=status, message=message, problems=problems)

    async def _answer(self, template: str, context: dict[str, Any], status: int) -> Response:
        await self.open()
        self._services.texts.use(self.language)
        text = self._services.templates.get_template(template).render(view=self, **context)
        body = text.encode("utf-8", "replace")
        took = (perf_counter() - self._started) * 1000
        headers = {
            "content-security-policy": CSP,
            "cache-control": "private, no-cache",
            "vary": "hx-request, accept-encoding",
            "server-timing": f"app;dur={took:.2f}",
        }
        if len(body) > _WORTH_COMPRESSING and "gzip" in self.request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 4, mtime=0)
            headers["content-encoding"] = "gzip"
        response = HTMLResponse(body, status, headers)
        self.preferences.remember(response)
        return response

    # What the layout shows

    @property
    def site_title(self) -> str:
        return self.config.string("app.title", "Callboard")

    @property
    def organization(self) -> str:
        return self.config.string("organization.name", "")

    def navigation(self, section: str) -> list[tuple[NavigationItem, bool]]:
        """The entries of one section, each with whether the page at hand belongs to it."""
        path = self.request.url.path
        above = [
            item.path
            for item in self._navigation
            if path == item.path or (item.path != "/" and path.startswith(f"{item.path}/"))
        ]
        current = max(above, key=len, default=None)  # of `/admin` and `/admin/audit` only the nearer one
        items = [item for item in self._navigation if item.section == section]
        return [(item, item.path == current) for item in sorted(items, key=lambda item: item.order)]
