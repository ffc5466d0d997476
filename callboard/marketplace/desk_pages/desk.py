"""What every page of the desk begins with: the services, who asks, the tabs, and fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from callboard.marketplace.desk.api import Counter
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.permissions import PUBLISHER_CREATE, REVIEW
from callboard.marketplace.desk.phrases import told
from callboard.web.view import View

DESK = "marketplace-desk"
ROOT = "/marketplace/desk"
Form = Mapping[str, Sequence[str]]


def counter(view: View) -> Counter:
    """The services, for the visitor."""
    return Counter(Office(view.plugin(DESK)), Asker(view.principal, view.request))


def publisher_path(name: str, below: str = "") -> str:
    return f"{ROOT}/publishers/{quote(name, safe='')}{below}"


def submission_path(id: str, below: str = "") -> str:
    return f"{ROOT}/submissions/{quote(id, safe='')}{below}"


def listing_path(name: str, below: str = "") -> str:
    return f"{ROOT}/listings/{quote(name, safe='')}{below}"


def order_path(ref: str) -> str:
    """Where a listing of any source is taken down; `ref` is its reference."""
    return f"{ROOT}/shelf/{quote(ref.partition(':')[2], safe='/')}"


def shelf_path(name: str) -> str:
    """The public page of a listing."""
    return f"/marketplace/listings/default/{quote(name, safe='')}"


def given(form: Form, name: str) -> str:
    """The last value of a field, trimmed; nothing where there is none."""
    return form.get(name, [""])[-1].replace("\r\n", "\n").strip()


async def page(view: View, template: str, *, title: str, status: int = 200, **context: Any) -> Response:
    """A page of the desk. `context` is whatever the template needs; a `timeline` is put into words."""
    if "timeline" in context:
        context["timeline"] = told(view.index, context["timeline"])
    path = view.request.url.path.rstrip("/")
    tabs = [(ROOT, view.text("My publishers"), path == ROOT or "/publishers/" in path)]
    applies = await view.allowed(PUBLISHER_CREATE)
    if applies:
        tabs.append((f"{ROOT}/apply", view.text("Apply"), path == f"{ROOT}/apply"))
    if await view.allowed(REVIEW):
        tabs.append((f"{ROOT}/review", view.text("Review"), path == f"{ROOT}/review"))
    return await view.page(
        f"desk/{template}",
        title=title,
        status=status,
        tabs=tabs,
        applies=applies,
        done=view.query.get("done", ""),
        publisher_path=publisher_path,
        submission_path=submission_path,
        listing_path=listing_path,
        shelf_path=shelf_path,
        **context,
    )
