"""Answers requests for what is no page: feeds, badges, pictures, sitemap, robots.txt, the search index."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from callboard.access.principals import principal_of
from callboard.core.http import FOR_EVER
from callboard.marketplace.site import writing
from callboard.marketplace.site.kept import Kept, answer, kept
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.pages import CACHED, shop_in
from callboard.marketplace.site.service import key_of, public_of, public_shop, today
from callboard.marketplace.site.shop import Shop
from callboard.web.contributions import Page
from callboard.web.services import Services
from callboard.web.view import View

SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What a file that is opened by itself may do: nothing. A drawing may be styled."""
_HEADERS: tuple[tuple[str, str], ...] = (
    ("cache-control", CACHED),
    ("vary", "accept-encoding, cookie, authorization"),
    ("content-security-policy", SEALED),
)

Make = Callable[[Shop, Request], Awaitable[writing.File | None]]


def file(path: str, make: Make) -> Page:
    """A file that everyone gets as everyone may see the shelf; who is signed in, as they may see it."""

    async def first(services: Services, request: Request) -> Response | None:
        if principal_of(request).type != "none":
            return None
        public = public_of(services)
        state, key = public.state(today()), key_of("", request.scope)
        found = public.answers.get(state, key)
        if found is None:
            found = await _made(public_shop(public), request, make)
            public.answers.put(state, key, found)
        return answer(found, request)

    async def handler(view: View) -> Response:
        one = answer(await _made(shop_in(view), view.request, make), view.request)
        lasts = one.headers["cache-control"] == FOR_EVER
        one.headers["cache-control"] = f"private, {FOR_EVER}" if lasts else "private, no-cache"
        return one

    return Page(path, handler, first=first)


async def _made(shop: Shop, request: Request, make: Make) -> Kept:
    found = await make(shop, request)
    if found is None:
        return kept(b"Not found\n", "text/plain; charset=utf-8", 404, _HEADERS)
    headers = _HEADERS
    if found.lasts:
        headers = (("cache-control", FOR_EVER), *(one for one in _HEADERS if one[0] != "cache-control"))
    compress = not found.media_type.startswith("image/") or found.media_type == writing.SVG
    return kept(found.body, found.media_type, 200, headers, compress=compress)


async def _feed(shop: Shop, request: Request) -> writing.File | None:
    which, _, form = str(request.path_params["file"]).partition(".")
    if form not in ("atom", "json"):
        return None
    if which == "blog":
        return writing.blog_feed(shop, form)
    if which == "new":
        return await writing.feed(shop, "new", form)
    return await writing.feed(shop, "updated", form) if which == "updated" else None


async def _badge(shop: Shop, request: Request) -> writing.File | None:
    return await writing.badge_of(shop, _ref(request), request.path_params["badge"])


async def _picture(shop: Shop, request: Request) -> writing.File | None:
    return await writing.picture_of(shop, _ref(request))


async def _icon(shop: Shop, request: Request) -> writing.File | None:
    return await writing.icon_of(shop, _ref(request), request.path_params["icon"])


async def _sitemap(shop: Shop, request: Request) -> writing.File | None:
    return (await writing.sitemap_files(shop)).get(request.url.path.removeprefix("/"))


async def _index(shop: Shop, _: Request) -> writing.File:
    return await writing.search_index(shop, shop.shelf)


async def _robots(services: Services, request: Request) -> Response:
    public = public_of(services)
    found = writing.robots_file(public_shop(public), public=public.settings.enabled)
    return answer(kept(found.body, found.media_type, 200, _HEADERS), request)


async def _unreached(view: View) -> Response:
    return await view.not_found("There is no such page.")


def _ref(request: Request) -> str:
    return f"listing:{request.path_params['namespace']}/{request.path_params['name']}".lower()


FILES: tuple[Page, ...] = (
    file(f"{ROOT}/feeds/{{file}}", _feed),
    file(f"{ROOT}/badges/{{namespace}}/{{name}}/{{badge}}.svg", _badge),
    file(f"{ROOT}/pictures/{{namespace}}/{{name}}.png", _picture),
    file(f"{ROOT}/icons/{{namespace}}/{{name}}/{{icon}}", _icon),
    file(f"{ROOT}/search.json", _index),
    file("/sitemap.xml", _sitemap),
    file("/sitemap-{number}.xml", _sitemap),
    Page("/robots.txt", _unreached, first=_robots),
)
