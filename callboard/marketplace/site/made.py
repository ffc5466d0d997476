"""A page before it is shown: the same for the portal, the public site and the files that are built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from markupsafe import Markup

from callboard.marketplace.site.links import Links


@dataclass(frozen=True, slots=True)
class Site:
    """Where a page is shown. `public` pages have a frame of their own, without the portal's navigation."""

    title: str
    links: Links
    language: str = "en"
    public: bool = True
    sign_in: str = ""
    """The path of the page to sign in on; empty where there is none."""
    pages: Sequence[tuple[str, str]] = ()
    """Titles and paths of the plain pages that the operator added."""


@dataclass(frozen=True, slots=True)
class Made:
    """`context` is what the template needs. `path` is the page's one true address, with its query.

    `picture` is the path of the picture for links to it, `data` is JSON-LD (JSON, hence Any).
    """

    template: str
    title: str
    description: str
    path: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    indexed: bool = True
    picture: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What `parts/head.html` writes."""

    title: str
    description: str
    canonical: str
    indexed: bool
    picture: str
    data: Markup | None


def head_of(made: Made, site: Site) -> Head:
    """The head of a public page. Addresses are absolute where the site's own is known."""
    links = site.links
    return Head(
        made.title,
        made.description,
        links.absolute(made.path) if links.base and made.status == 200 else "",
        made.indexed and made.status == 200,
        links.absolute(made.picture) if made.picture and links.base else "",
        None if made.data is None else script_json(made.data),
    )


def script_json(value: Mapping[str, Any]) -> Markup:
    """JSON (hence Any) that may stand inside a script element: nothing in it can end the element."""
    text = orjson.dumps(value).decode()
    for sign, code in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(sign, code)
    return Markup(text)  # noqa: S704 - the signs that mean something to HTML are gone
