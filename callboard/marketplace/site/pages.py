"""Answers requests for the pages: in the portal's frame for who is signed in, in its own for the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response

from callboard.access.permissions import Permission
from callboard.access.principals import principal_of
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AnyOf
from callboard.core.errors import ServiceUnavailableError
from callboard.marketplace.figures import NoFigures
from callboard.marketplace.installed import Standing, standing_of
from callboard.marketplace.service import shelves
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.site import comparing, directories, makers, reading, warming
from callboard.marketplace.site.asked import Asked
from callboard.marketplace.site.content import FIXED, further
from callboard.marketplace.site.kept import HTML, Kept, answer, kept
from callboard.marketplace.site.links import ROOT, Links
from callboard.marketplace.site.made import Made, Site, head_of
from callboard.marketplace.site.service import (
    ID,
    PORTAL_FRAME,
    SHOWN,
    Maker,
    Public,
    key_of,
    public_of,
    public_shop,
    rendered,
    shop_of,
    taken_down,
    today,
)
from callboard.marketplace.site.settings import read_public
from callboard.marketplace.site.shop import Shop
from callboard.plugins.admin import PluginAdmin
from callboard.web.contributions import Page
from callboard.web.services import Services
from callboard.web.view import CSP, View

CACHED = "public, max-age=60, stale-while-revalidate=600"
VARY = "accept-encoding, accept-language, cookie, authorization"
PLUGINS_INSTALL = Permission("plugins.install", "create")
"""That of the portal's administration of plugins, which decides by its name."""
REPORT_CREATE = Permission("marketplace.report.create", "create")
"""The same of the desk's reports."""

Read = Callable[[Request], Maker]
"""What a request asks for."""


def page(path: str, read: Read) -> Page:
    """A page for everyone: whoever is nobody gets the public site's, when there is one."""

    async def first(services: Services, request: Request) -> Response | None:
        if principal_of(request).type != "none":
            return None
        public = public_of(services)
        return answer(await public_page(services, public, request, read), request)

    async def handler(view: View) -> Response:
        return await in_portal(view, await read(view.request)(shop_in(view)))

    return Page(path, handler, first=first)


def shop_in(view: View) -> Shop:
    """The shelf of somebody who is signed in."""
    settings, context, queries = read_public(view.config), view.plugin(ID), view.queries
    if settings.enabled and view.is_bound:  # who signs in sees no less than before
        whole = context.get(Queries)
        queries = whole.seen(AnyOf((queries.condition, SHOWN)))
        shop = shop_of(shelves(context), queries, Links(settings.url), settings)
        return replace(shop, taken_down=partial(taken_down, whole.index))
    return shop_of(shelves(context), queries, Links(settings.url), settings)


async def in_portal(view: View, made: Made) -> Response:
    """A page with the portal's navigation."""
    settings = read_public(view.config)
    site = Site(settings.title, Links(settings.url), view.language, public=False)
    context = {"layout": PORTAL_FRAME, "site": site, "page": head_of(made, site), **made.context}
    return await view.page(made.template, title=made.title, status=made.status, **context)


async def public_page(services: Services, public: Public, request: Request, read: Read) -> Kept:
    """A page of the public site, kept for the next who asks the same."""
    language = public.language(request.headers.get("accept-language", ""))
    state, key = public.state(today()), key_of(language, request.scope)
    found = public.answers.get(state, key)
    if found is not None:
        return found
    started = perf_counter()
    services.texts.use(language)
    shop = public_shop(public)
    made = await read(request)(shop)
    can_sign_in = services.access is not None and bool(services.access.signin.settings.providers)
    site = Site(
        public.settings.title,
        shop.links,
        language,
        sign_in="/sign-in" if can_sign_in else "",
        pages=further(shop.content),
    )
    services.texts.use(language)
    body = rendered(services.templates, made, site).encode("utf-8", "replace")
    headers = (("content-security-policy", CSP), ("cache-control", CACHED), ("vary", VARY))
    found = kept(body, HTML, made.status, headers)
    public.answers.put(state, key, found)
    took = (perf_counter() - started) * 1000
    warming.begin(services, public, state)
    return found.telling("server-timing", f"app;dur={took:.2f}")  # only here: later answers take no time


def _ref(kind: str, request: Request) -> str:
    part = request.path_params
    return f"{kind}:{part['namespace']}/{part['name']}".lower()


def _home(_: Request) -> Maker:
    return makers.home


def _browse(request: Request) -> Maker:
    asked = Asked.read(request.query_params.multi_items())
    return lambda shop: makers.browse(shop, asked)


def _listing(request: Request) -> Maker:
    return lambda shop: makers.listing(shop, _ref("listing", request))


def _publisher(request: Request) -> Maker:
    return lambda shop: makers.publisher(shop, _ref("publisher", request))


def _collection(request: Request) -> Maker:
    return lambda shop: makers.collection(shop, _ref("plugincollection", request))


def _publishers(request: Request) -> Maker:
    return lambda shop: directories.publishers(shop, Asked.read(request.query_params.multi_items()).page)


def _collections(_: Request) -> Maker:
    return directories.collections


def _compare(request: Request) -> Maker:
    refs = [
        f"listing:{one}".lower() for one in request.query_params.getlist("with")[:3] if one.count("/") == 1
    ]
    term = " ".join(request.query_params.get("q", "")[:100].split())
    return lambda shop: comparing.compare(shop, refs, term)


def _text(make: Callable[..., Made], *names: str, **given: str) -> Read:
    """A page that asks the shelf nothing; `names` are the parts of its path."""

    def read(request: Request) -> Maker:
        parts = [request.path_params[name] for name in names]

        async def maker(shop: Shop) -> Made:
            return make(shop, *parts, **given)

        return maker

    return read


async def _standing(view: View, ref: str) -> Standing | None:
    """How what is installed of a listing stands; None where nothing is, or plugins are not installed here."""
    context = view.plugin(ID)
    try:
        admin = context.get(PluginAdmin)
    except ServiceUnavailableError:
        return None
    installed = [one.installation for one in await admin.all() if one.installation is not None]
    if not installed:
        return None
    queries = context.get(Queries)  # all: a listing that the visitor does not see is no other one's update
    return await standing_of(ref, installed, Shelf(queries, NoFigures()), queries)


async def _listing_in_portal(view: View) -> Response:
    may_install = await view.possible(PLUGINS_INSTALL)
    may_report = await view.allowed(REPORT_CREATE)
    ref = _ref("listing", view.request)
    shop, standing = shop_in(view), await _standing(view, ref)
    made = await makers.listing(shop, ref, may_install=may_install, may_report=may_report, standing=standing)
    return await in_portal(view, made)


def _with_install(one: Page) -> Page:
    return Page(one.path, _listing_in_portal, first=one.first)


PAGES: tuple[Page, ...] = (
    page(ROOT, _home),
    page(f"{ROOT}/browse", _browse),
    _with_install(page(f"{ROOT}/plugins/{{namespace}}/{{name}}", _listing)),
    page(f"{ROOT}/publishers", _publishers),
    page(f"{ROOT}/publishers/{{namespace}}/{{name}}", _publisher),
    page(f"{ROOT}/collections", _collections),
    page(f"{ROOT}/collections/{{namespace}}/{{name}}", _collection),
    page(f"{ROOT}/compare", _compare),
    page(f"{ROOT}/learn", _text(reading.learn)),
    page(f"{ROOT}/learn/{{course}}", _text(reading.learn, "course")),
    page(f"{ROOT}/learn/{{course}}/{{chapter}}", _text(reading.chapter, "course", "chapter")),
    page(f"{ROOT}/blog", _text(reading.blog)),
    page(f"{ROOT}/blog/{{slug}}", _text(reading.post, "slug")),
    page(f"{ROOT}/partners", _text(reading.partners)),
    *(page(f"{ROOT}/{slug}", _text(reading.page, slug=slug)) for slug in FIXED),
    page(f"{ROOT}/pages/{{slug}}", _text(reading.page, "slug")),
)
