"""One request for a page: what its handler may ask, and how it answers."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callboard.catalog.index import Index
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.core.config import Config
from callboard.core.errors import InputError
from callboard.core.http_body import read_body
from callboard.model import Model
from callboard.model.refs import parse_ref
from callboard.plugins import PluginContext, Registry
from callboard.plugins.health import Health
from callboard.search import Search
from callboard.web.contributions import NavigationItem
from callboard.web.language import translated
from callboard.web.preferences import Preferences
from callboard.web.services import Services
from callboard.web.titles import NAMES

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAX_FORM = 8 * 1024 * 1024
_WORTH_COMPRESSING = 1400  # a smaller page fits one packet as it is

Entity = dict[str, Any]


class View:
    """`catalog` changes entities, `queries` and `index` answer, `preferences` are the visitor's."""

    def __init__(self, services: Services, request: Request) -> None:
        self._started = perf_counter()
        self._services = services
        self.request = request
        self.query: QueryParams = request.query_params
        self.preferences = Preferences(services.preferences, request)

    @property
    def catalog(self) -> Catalog:
        return self._services.catalog

    @property
    def queries(self) -> Queries:
        return self._services.queries

    @property
    def index(self) -> Index:
        return self._services.queries.index

    @property
    def search(self) -> Search:
        return self._services.search

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
    def me(self) -> str | None:
        """Who the visitor says to be, as a ref: decides what is shown first, never what is allowed."""
        ref: str | None = self.preferences.get("me")
        return ref if ref is not None and self.index.row(ref) is not None else None

    @property
    def owned_refs(self) -> list[str]:
        """The visitor and the groups the visitor is a member of: owners of "what I own"."""
        if self.me is None:
            return []
        row = self.index.row(self.me)
        assert row is not None
        return [self.me, *sorted(ref.lower() for ref in self.index.values_of(row, "relations.memberof"))]

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
        """The entities of rows of the index, in their order."""
        return [orjson.loads(body) for body in await self.index.bodies(rows) if body is not None]

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
        await self.preferences.load()
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
        items = [item for item in self.registry.of(NavigationItem) if item.section == section]
        items.sort(key=lambda item: item.order)
        return [
            (item, path == item.path or (item.path != "/" and path.startswith(f"{item.path}/")))
            for item in items
        ]
