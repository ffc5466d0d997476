"""The list of the roles, and the page of one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from callboard.access.roles.document import EVERYONE, Grant, Role, as_yaml
from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.portal.roles.desk import page, read, roles_of
from callboard.web.view import View

OFFERED = 500
"""So many users and groups are offered in a list; a larger organisation types a reference."""


async def overview(view: View, *, wrong: str = "", typed: str = "", status: int = 200) -> Response:
    """All roles, and the form for a new one."""
    document, context = await read(view)
    admins = roles_of(view).admins
    return await page(
        view,
        "overview.html",
        status=status,
        roles=document.roles,
        admins=admins,
        everyone=EVERYONE,
        wrong=wrong,
        typed=typed,
        **context,
    )


async def role(view: View, *, wrong: str = "", typed: str = "", status: int = 200) -> Response:
    """One role with its members and grants: `name`."""
    document, context = await read(view)
    found = document.role(view.request.path_params["name"])
    return await page(
        view,
        "role.html",
        status=status,
        role=found,
        grants=[(number, one, conditions_text(one)) for number, one in enumerate(found.grants, 1)],
        people=_people(view, found) if context["editable"] else [],
        everyone=EVERYONE,
        wrong=wrong,
        typed=typed,
        **context,
    )


def conditions_text(grant: Grant) -> str:
    """The conditions of a grant as YAML; nothing where it has none."""
    return as_yaml(grant.as_json()["conditions"]) if grant.conditions is not None else ""


def refs_of_kind(index: Index, kind: str) -> list[str]:
    """References of the first entities of a kind, by name."""
    kinds: Any = index.fields.get("kind")
    rows = as_bitmap(kinds.like(kind)) if kinds is not None else ()
    return sorted(index.ref(row) for row in rows)[:OFFERED]


def _people(view: View, found: Role) -> list[str]:
    refs = [*refs_of_kind(view.index, "group"), *refs_of_kind(view.index, "user")]
    return [ref for ref in (EVERYONE, *refs) if ref not in found.members]
