"""What every page of the roles begins with: the service, who asks, the tabs, and what a form was based on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from callboard.access.principals import Principal, principal_of
from callboard.access.roles.document import Policies
from callboard.access.roles.service import Change, Roles
from callboard.core.errors import InputError
from callboard.web.shapes import whole_number
from callboard.web.view import View

ID = "roles"
TABS = (
    ("/admin/roles", "Roles"),
    ("/admin/roles/versions", "Versions"),
    ("/admin/roles/preview", "As this user"),
)
Form = Mapping[str, Sequence[str]]


def roles_of(view: View) -> Roles:
    """The roles of this process."""
    return view.plugin(ID).get(Roles)


def asker(view: View) -> Principal:
    """Who looks at the page."""
    return principal_of(view.request)


def path_of(name: str) -> str:
    """The path of a role's page."""
    return f"/admin/roles/role/{quote(name, safe='')}"


def given(form: Form, name: str) -> str:
    """The last value of a field, trimmed; nothing where there is none. Browsers send line breaks as CRLF."""
    return form.get(name, [""])[-1].replace("\r\n", "\n").strip()


async def read(view: View) -> tuple[Policies, dict[str, Any]]:
    """The document in force, and what every template needs. Raises NotAllowedError."""
    roles = roles_of(view)
    about, document = await roles.current(asker(view))
    return document, {
        "about": about,
        "editable": await roles.may_update(asker(view)),
        "read_only": roles.read_only,
        "problems": roles.problems,
        "path_of": path_of,
    }


async def page(view: View, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of the roles; `context` begins with what `read` gives."""
    path = view.request.url.path.rstrip("/")
    current = next((href for href, _ in reversed(TABS) if path.startswith(href)), TABS[0][0])
    return await view.page(
        f"roles/{template}",
        title=view.text("Roles"),
        status=status,
        tabs=[(href, view.text(text), href == current) for href, text in TABS],
        done=view.query.get("done", ""),
        **context,
    )


async def change(view: View, form: Form, made: Change, comment: str) -> None:
    """Carry out a change of the version that the page showed. Raises ConflictError: somebody was faster."""
    await roles_of(view).change(asker(view), made, based_on=based_on(form), comment=comment)


def based_on(form: Form) -> int:
    """The version of the document that the page of a form showed: `version`."""
    number = whole_number(given(form, "version"))
    if number is None:
        raise InputError("The form does not say which version of the roles it changes.")
    return number
