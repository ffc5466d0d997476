"""The handlers of the import pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import Response

from callboard.core.errors import CallboardError, ConflictError, InputError, NotAllowedError
from callboard.portal.importing.outcomes import Check, check
from callboard.portal.importing.registered import progress
from callboard.portal.importing.starter import draft, example
from callboard.web.shapes import whole_number
from callboard.web.view import View

PATH = "/catalog-import"
FILE = "catalog-info.yaml"


async def by_url(view: View) -> Response:
    """Check a URL: `url`. Without one, the empty form."""
    url = view.query.get("url", "").strip()
    context = _nothing(url=url, wrong="" if not url else _wrong_url(url))
    if url and not context["wrong"] and not view.catalog.readonly:
        try:
            context |= await _checked(view, url)
        except InputError as error:  # too long, say; what the URL holds never raises
            context["wrong"] = str(error)
    if view.htmx:
        return await view.fragment("importing/checked_url.html", **context)
    status = 400 if context["wrong"] else 200
    return await view.page("importing/url.html", title=view.text("Import"), status=status, **context)


async def register(view: View) -> Response:
    """Register a URL: `url`."""
    url = await _writable_url(view)
    try:
        await view.catalog.add_location("url", url)
    except ConflictError:
        context = _nothing(url=url, wrong="") | {"exists": True}
        return await view.page("importing/url.html", title=view.text("Import"), status=409, **context)
    return await view.redirect(f"{PATH}/registered?{urlencode({'url': url})}")


async def refresh(view: View) -> Response:
    """Read a registered URL again: `url`."""
    url = await _writable_url(view)
    await view.catalog.refresh_location("url", url)
    return await view.redirect(f"{PATH}/registered?{urlencode({'url': url})}")


async def registered(view: View) -> Response:
    """What a registered URL brought in: `url`; while it is read the page asks again."""
    turn, seen = whole_number(view.query.get("turn")) or 0, whole_number(view.query.get("seen")) or 0
    found = await progress(view, view.query.get("url", ""), seen, turn)
    if view.htmx:
        return await view.fragment("importing/progress.html", progress=found, turn=turn)
    return await view.page("importing/registered.html", title=view.text("Import"), progress=found, turn=turn)


async def paste(view: View) -> Response:
    """The empty editor, or with `example=<kind>` one that holds a descriptor to begin with."""
    wanted = view.query.get("example", "")
    text = example(wanted.lower(), _owner(view))
    if wanted and not text:
        raise InputError(f"There is no example of the kind {wanted}.")
    return await _editor(view, text)


async def paste_checked(view: View) -> Response:
    """Check a text: `text`."""
    return await _editor(view, await _posted_text(view))


async def download(view: View) -> Response:
    """The text as a file to commit: `text`."""
    headers = {"content-disposition": f'attachment; filename="{FILE}"', "cache-control": "no-store"}
    return Response(await _posted_text(view), headers=headers, media_type="application/yaml")


async def _editor(view: View, text: str) -> Response:
    found: Check | None = None
    if text.strip() and not view.catalog.readonly:
        found = check(await view.catalog.preview_text(text, FILE), text)
    if view.htmx:
        return await view.fragment("importing/checked_text.html", check=found, text=text)
    return await view.page("importing/paste.html", title=view.text("Import"), check=found, text=text)


async def _checked(view: View, url: str) -> dict[str, Any]:
    """What the URL would do, and where it holds nothing, what could be done instead."""
    found = check(await view.catalog.preview_url(url))
    refused = any(one.problem.get("name") == "NotAllowedError" for one in found.mistakes)
    if found.documents or refused or urlsplit(url).path.endswith((".yaml", ".yml")):
        return {"check": found, "refused": refused}
    try:
        analysis = await view.catalog.analyze_location("url", url)
    except CallboardError:
        return {"check": found}  # the preview has said why already
    files: dict[str, bool] = {}
    for one in analysis["existingEntityFiles"]:
        files[one["location"]["target"]] = one["isRegistered"]
    drafts = [draft(one["entity"], _owner(view)) for one in analysis["generateEntities"]]
    return {"check": found, "files": files, "drafts": drafts}


def _nothing(*, url: str, wrong: str) -> dict[str, Any]:
    empty: Mapping[str, Any] = {"check": None, "refused": False, "files": {}, "drafts": [], "exists": False}
    return {"url": url, "wrong": wrong, **empty}


async def _writable_url(view: View) -> str:
    if view.catalog.readonly:
        raise NotAllowedError("This catalog is read-only: its sources stand in its configuration.")
    url = (await view.form()).get("url", [""])[0].strip()
    if wrong := _wrong_url(url):
        raise InputError(wrong)
    return url


async def _posted_text(view: View) -> str:
    # Browsers send the line breaks of a form as CRLF.
    return (await view.form()).get("text", [""])[0].replace("\r\n", "\n")


def _wrong_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname:
            return ""
    except ValueError:
        pass
    return "Give a whole address that begins with https:// or http://."


def _owner(view: View) -> str | None:
    """Whom a new descriptor names as its owner: a group of the visitor, if one is known."""
    return next((ref for ref in view.owned_refs if ref.startswith("group:")), None)
