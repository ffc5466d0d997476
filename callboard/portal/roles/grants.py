"""The form of one grant. What is wrong with it is shown beside the form, with the line of the conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from callboard.access.permissions.criteria import as_json
from callboard.access.roles.document import Grant, Known, Policies
from callboard.access.roles.reading import parse_conditions, parse_grant
from callboard.core.errors import ConfigError, ConflictError, NotFoundError, Problem
from callboard.portal.roles.desk import Form, asker, change, given, page, path_of, read, roles_of
from callboard.portal.roles.pages import conditions_text
from callboard.web.view import View

ACTIONS = ("", "read", "create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Typed:
    """A grant as it stands in the form."""

    permission: str = ""
    action: str = ""
    effect: str = "allow"
    conditions: str = ""


async def edit(view: View) -> Response:
    """The form of a grant: `number`; without one, of a new grant."""
    document, _ = await read(view)
    await roles_of(view).check_update(asker(view))
    found = document.role(view.request.path_params["name"])
    number: int | None = view.request.path_params.get("number")
    if number is None:
        return await _form(view, Typed(), [])
    grant = _numbered(found.grants, number)
    typed = Typed(grant.permission, grant.action or "", grant.effect, conditions_text(grant))
    return await _form(view, typed, [])


async def check(view: View) -> Response:
    """What is wrong with the grant in a form that is being filled in."""
    await roles_of(view).check_update(asker(view))
    typed = _typed(await view.form())
    _, problems = grant_of(typed, roles_of(view).known)
    return await view.fragment("roles/checked.html", problems=problems, typed=typed)


async def save(view: View) -> Response:
    """Add a grant, or with `number` put it in the place of that one."""
    roles = roles_of(view)
    await roles.check_update(asker(view))
    form = await view.form()
    typed = _typed(form)
    name: str = view.request.path_params["name"]
    number: int | None = view.request.path_params.get("number")
    grant, problems = grant_of(typed, roles.known)
    if grant is None:
        return await _form(view, typed, problems, status=400)
    made = grant

    def changed(now: Policies) -> Policies:
        role = now.role(name)
        if number is None:
            return now.with_changed(name, replace(role, grants=(*role.grants, made)))
        _numbered(role.grants, number)
        found = tuple(made if at == number else one for at, one in enumerate(role.grants, 1))
        return now.with_changed(name, replace(role, grants=found))

    what = "Added a grant to" if number is None else f"Changed grant {number} of"
    try:
        await change(view, form, changed, f"{what} the role {name}: {made.effect} {made.permission}")
    except ConflictError as error:
        if number is not None:  # that number may be another grant now
            raise
        return await _form(view, typed, [Problem(str(error))], status=409)
    return await view.redirect(f"{path_of(name)}?done=granted")


async def remove(view: View) -> Response:
    """Take a grant away: `number`."""
    await roles_of(view).check_update(asker(view))
    form = await view.form()
    name: str = view.request.path_params["name"]
    number: int = view.request.path_params["number"]

    def changed(now: Policies) -> Policies:
        role = now.role(name)
        _numbered(role.grants, number)
        found = tuple(one for at, one in enumerate(role.grants, 1) if at != number)
        return now.with_changed(name, replace(role, grants=found))

    await change(view, form, changed, f"Removed grant {number} of the role {name}")
    return await view.redirect(f"{path_of(name)}?done=removed")


def grant_of(typed: Typed, known: Known) -> tuple[Grant | None, list[Problem]]:
    """The grant of a form, or everything that is wrong with it. Pure."""
    value: dict[str, Any] = {"permission": typed.permission or None, "effect": typed.effect}
    if typed.action:
        value["action"] = typed.action
    problems: list[Problem] = []
    if typed.conditions.strip():
        try:
            found = parse_conditions(typed.conditions, known, typed.permission, typed.action or None)
            value["conditions"] = as_json(found)
        except ConfigError as error:
            problems = error.problems
    try:
        grant = parse_grant(value, known)
    except ConfigError as error:
        return None, [*error.problems, *problems]
    return (None, problems) if problems else (grant, [])


def _typed(form: Form) -> Typed:
    # Not trimmed: lines and columns are those of the text that was typed.
    conditions = form.get("conditions", [""])[-1].replace("\r\n", "\n")
    return Typed(given(form, "permission"), given(form, "action"), given(form, "effect"), conditions)


def _numbered(grants: Sequence[Grant], number: int) -> Grant:
    if not 1 <= number <= len(grants):
        raise NotFoundError(f"The role has no grant {number}.")
    return grants[number - 1]


async def _form(view: View, typed: Typed, problems: Sequence[Problem], *, status: int = 200) -> Response:
    document, context = await read(view)
    known = roles_of(view).known
    return await page(
        view,
        "grant.html",
        status=status,
        role=document.role(view.request.path_params["name"]),
        number=view.request.path_params.get("number"),
        typed=typed,
        actions=[(one, one or view.text("any")) for one in ACTIONS],
        permissions=sorted(known.permissions, key=lambda one: one.name),
        rules=sorted(known.rules, key=lambda one: (one.resource_type, one.name)),
        **{**context, "problems": problems},
    )
