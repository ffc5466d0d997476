"""The versions of the roles: who changed what and why, and the way back."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from callboard.access.roles.document import Grant, Policies, Role
from callboard.catalog.difference import Change, diff
from callboard.core.errors import NotFoundError
from callboard.portal.roles.desk import asker, based_on, given, page, read, roles_of
from callboard.web.shapes import whole_number
from callboard.web.view import View

PAGE = 50


async def versions(view: View) -> Response:
    """All versions, the newest first: `before` begins further back."""
    _, context = await read(view)
    before = whole_number(view.query.get("before"))
    found = await roles_of(view).versions(asker(view), before, PAGE + 1)
    older = found[PAGE - 1].version if len(found) > PAGE else None
    return await page(view, "versions.html", found=found[:PAGE], older=older, paged=bool(before), **context)


async def version(view: View) -> Response:
    """One version: what it changed, what restoring it would change, and the document."""
    now, context = await read(view)
    number: int = view.request.path_params["version"]
    made, document = await roles_of(view).version(asker(view), number)
    try:
        _, before = await roles_of(view).version(asker(view), number - 1)
    except NotFoundError:
        before = Policies()
    return await page(
        view,
        "version.html",
        made=made,
        changes=differences(before, document),
        back=differences(now, document),
        text=document.yaml(),
        **context,
    )


async def restore(view: View) -> Response:
    """Make a new version like an old one: `version` (that the page showed as newest), `comment`."""
    await roles_of(view).check_update(asker(view))
    form = await view.form()
    number: int = view.request.path_params["version"]
    made = await roles_of(view).restore(
        asker(view), number, based_on=based_on(form), comment=given(form, "comment")
    )
    return await view.redirect(f"/admin/roles/versions/{made.version}?done=restored")


def differences(before: Policies, after: Policies) -> list[Change]:
    """What differs, role by role. The order of roles, members and grants says nothing."""
    old, new = ({role.name: role for role in document.roles} for document in (before, after))
    found: list[Change] = []
    for name in (*new, *(name for name in old if name not in new)):
        if name not in old:
            found.append(Change(name, "added", after="role"))
        elif name not in new:
            found.append(Change(name, "removed", before="role"))
        was, now = (_readable(one.get(name, Role(name))) for one in (old, new))
        found += diff({name: was}, {name: now}, ())
    return found


def _readable(role: Role) -> dict[str, Any]:
    return {
        **({"title": role.title} if role.title else {}),
        **({"description": role.description} if role.description else {}),
        "members": list(role.members),
        "grants": [sentence(grant) for grant in role.grants],
    }


def sentence(grant: Grant) -> str:
    """A grant on one line: `allow catalog.entity.* (read) where IS_ENTITY_OWNER(claims: $ownerRefs)`."""
    action = f" ({grant.action})" if grant.action else ""
    where = f" where {_criteria(grant.as_json()['conditions'])}" if grant.conditions is not None else ""
    return f"{grant.effect} {grant.permission}{action}{where}"


def _criteria(value: Any) -> str:
    """Conditions (JSON, hence Any) as people say them."""
    for key, word in (("allOf", " and "), ("anyOf", " or ")):
        if key in value:
            parts = [_criteria(part) for part in value[key]]
            return parts[0] if len(parts) == 1 else f"({word.join(parts)})"
    if "not" in value:
        return f"not {_criteria(value['not'])}"
    params = ", ".join(f"{key}: {_param(one)}" for key, one in value["params"].items())
    return f"{value['rule']}({params})"


def _param(value: Any) -> str:
    return f"[{', '.join(map(_param, value))}]" if isinstance(value, list) else str(value)
