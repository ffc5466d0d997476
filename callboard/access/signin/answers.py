"""The pages that end a sign-in: a popup's message to its opener, a redirect, or a plain refusal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callboard.access.signin.pending import Begun
from callboard.access.signin.places import Places, origin_of
from callboard.access.signin.profile import SignInError

SCRIPT_PATH = "/sign-in/popup.js"
_SCRIPT = (Path(__file__).parent / "static" / "popup.js").read_bytes()
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in</title>
<script src="{script}" defer></script>
</head>
<body{data}>
<main><h1>{title}</h1><p>{message}</p><p><a href="{way}">{link}</a></p></main>
</body>
</html>
"""


async def popup_script(_: Request) -> Response:
    """The script of the page below: a file, so that the page's policy needs no exception."""
    headers = {"cache-control": "public, max-age=3600"}
    return Response(_SCRIPT, media_type="text/javascript", headers=headers)


def posted(response: Mapping[str, Any], begun: Begun, places: Places) -> Response:
    """The page of a popup that tells its opener who signed in (JSON, hence Any)."""
    answer = {"type": "authorization_response", "response": response}
    return _page(("Signed in", "You can close this window."), answer, begun, places)


def refused(error: SignInError, begun: Begun | None, places: Places) -> Response:
    """The end of a sign-in that failed, in the way in which it began."""
    if begun is not None and begun.flow == "redirect":
        return to_sign_in(places, error=error.code, back=begun.way_back)
    answer = {
        "type": "authorization_response",
        "error": {"name": error.name, "message": str(error)},
    }
    return _page(("You are not signed in", str(error)), answer, begun, places, error.status)


def to_sign_in(places: Places, **query: str) -> Response:
    """On to the page that lists the providers; `back` becomes its `from`."""
    named = {"from" if key == "back" else key: value for key, value in query.items()}
    return onward(f"/sign-in?{urlencode(named)}" if named else "/sign-in", places)


def onward(way: str, places: Places) -> Response:
    """A redirect to an address of ours; a path is one of the portal."""
    apart = origin_of(places.app) != origin_of(places.backend)
    url = f"{origin_of(places.app)}{way}" if apart and way.startswith("/") else way
    return RedirectResponse(url, 303, {"cache-control": "no-store"})


def _page(
    words: tuple[str, str], answer: Mapping[str, Any], begun: Begun | None, places: Places, status: int = 200
) -> Response:
    origin = begun.origin if begun is not None else None
    (title, message), data = words, ""
    if origin is not None:
        data = f' data-answer="{escape(orjson.dumps(answer).decode())}" data-origin="{escape(origin)}"'
    signed_in = status == 200
    text = _PAGE.format(
        script=SCRIPT_PATH,
        data=data,
        title=escape(title),
        message=escape(message),
        way=escape(f"{places.app}/" if signed_in else f"{places.app}/sign-in"),
        link="Open the portal" if signed_in else "Sign in",
    )
    return HTMLResponse(text, status, _HEADERS)
