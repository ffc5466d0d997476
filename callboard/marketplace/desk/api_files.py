"""Wheels and pictures over HTTP, and the wheels as a package index (PEP 503, PEP 691) for installers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from packaging.utils import canonicalize_name
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from callboard.catalog.visibility import Visibility
from callboard.core.errors import AuthenticationError, NotFoundError
from callboard.core.http import FOR_EVER, json_answer
from callboard.marketplace.desk import store
from callboard.marketplace.desk.api import Counter, at
from callboard.marketplace.desk.api_shelving import token_text
from callboard.marketplace.desk.artefacts import Artefacts
from callboard.marketplace.desk.entities import artefact_path, moment, provenance_path
from callboard.marketplace.desk.records import Release
from callboard.plugins import PluginContext

SIMPLE = "application/vnd.pypi.simple.v1+json"


def file_routes(context: PluginContext) -> Sequence[BaseRoute]:
    visibility = context.get  # asked at each request: it changes with the plugins

    async def artefact(request: Request, here: Counter) -> Response:
        sha256, filename = request.path_params["sha256"], request.path_params["filename"]
        await let_in(request, here)
        if not await _is_shown(here, visibility(Visibility), sha256, filename):
            raise NotFoundError("There is no such artefact")
        if f'"{sha256}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304)
        media, content = await Artefacts(here.office.database, here.office.settings.artefacts).content(sha256)
        scope = "public" if here.office.settings.public else "private"
        headers = {
            "etag": f'"{sha256}"',
            "cache-control": f"{scope}, {FOR_EVER}",
            # What was uploaded is never a page of ours: nothing in it runs, were it opened by itself.
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "content-disposition": "inline" if media.startswith("image/") else "attachment",
            "cross-origin-resource-policy": "cross-origin" if here.office.settings.public else "same-origin",
        }
        return Response(content, media_type=media, headers=headers)

    async def projects(request: Request, here: Counter) -> Response:
        await let_in(request, here)
        found = await here.office.read(store.all_listings)
        seen = [
            one for one in found if not one.taken_down and await sees(here, visibility(Visibility), one.name)
        ]
        names = sorted(one.distribution for one in seen)
        if _wants_json(request):
            return _json({"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in names]})
        return _html("".join(f'<a href="{name}/">{name}</a><br>' for name in names))

    async def project(request: Request, here: Counter) -> Response:
        await let_in(request, here)
        name = canonicalize_name(request.path_params["name"])
        found = await here.office.read(lambda rows: store.distribution_releases(rows, name))
        listing = (
            await here.office.read(lambda rows: store.find_listing(rows, found[0].listing)) if found else None
        )
        if (
            listing is None
            or listing.taken_down
            or not await sees(here, visibility(Visibility), listing.name)
        ):
            raise NotFoundError(f"There is no package {name} here")
        if _wants_json(request):
            return _json(
                {
                    "meta": {"api-version": "1.1"},
                    "name": name,
                    "versions": sorted({one.version for one in found}),
                    "files": [_file(one) for one in found],
                }
            )
        return _html("".join(_link(one) for one in found))

    return [
        at(context, "GET", "/artefacts/{sha256}/{filename}", artefact),
        at(context, "GET", "/simple/", projects),
        at(context, "GET", "/simple/{name}/", project),
        # The edge takes a slash at the end away where a path is known without it.
        at(context, "GET", "/simple", projects),
        at(context, "GET", "/simple/{name}", project),
    ]


async def let_in(request: Request, here: Counter) -> None:
    """Everyone where `marketplace.public` says so; else who is known, or shows a token. The paths are open to
    everyone as far as the credentials are asked, because installers show theirs in their own way."""
    if here.office.settings.public:
        return
    if (text := token_text(request)) is not None:
        await here.releases.token(text, "read")
    elif here.asker.principal.type == "none":
        raise AuthenticationError("Missing credentials")


async def sees(here: Counter, visibility: Visibility, listing: str) -> bool:
    """Whether the catalog shows the listing to a user; what is no user has been let in already."""
    if here.asker.principal.type != "user":
        return True
    index = (await visibility.queries_for(here.asker.principal)).index
    return index.row(f"listing:default/{listing}") is not None


async def _is_shown(here: Counter, visibility: Visibility, sha256: str, filename: str) -> bool:
    """Published things to who sees the listing; others to members of the publisher and reviewers."""
    owner = await here.office.read(lambda rows: store.owner_of_artefact(rows, sha256, filename))
    if owner is None:
        return False
    listing, publisher = owner
    if publisher is None:
        return await sees(here, visibility, listing)
    return bool(await here.office.roles(here.asker, publisher))


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return (
        SIMPLE in accept or "application/vnd.pypi.simple.latest+json" in accept or "text/html" not in accept
    )


def _file(one: Release) -> dict[str, Any]:
    """JSON, hence Any."""
    return {
        "filename": one.filename,
        "url": artefact_path(one.sha256, one.filename),
        "hashes": {"sha256": one.sha256},
        "size": one.size,
        "upload-time": moment(one.released_at),
        "yanked": one.yanked_reason if one.yanked_at else False,
        **({"requires-python": one.requires_python} if one.requires_python else {}),
        **({"provenance": provenance_path(one)} if one.attested else {}),
    }


def _link(one: Release) -> str:
    yanked = f' data-yanked="{escape(one.yanked_reason)}"' if one.yanked_at else ""
    python = f' data-requires-python="{escape(one.requires_python)}"' if one.requires_python else ""
    href = escape(f"{artefact_path(one.sha256, one.filename)}#sha256={one.sha256}")
    return f'<a href="{href}"{yanked}{python}>{escape(one.filename)}</a><br>'


def _json(value: dict[str, Any]) -> Response:
    return json_answer(value, headers={"content-type": SIMPLE, "cache-control": "private, max-age=10"})


def _html(body: str) -> Response:
    head = '<head><meta name="pypi:repository-version" content="1.1"></head>'
    page = f"<!DOCTYPE html><html>{head}<body>{body}</body></html>"
    return Response(page, media_type="text/html", headers={"cache-control": "private, max-age=10"})
