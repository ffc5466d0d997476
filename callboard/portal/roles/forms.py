"""The forms of the role pages: each makes one change, with a comment that says which, and leads back."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from callboard.access.roles.checks import wrong_member
from callboard.access.roles.document import Policies, Role
from callboard.core.errors import ConfigError, InputError, NotFoundError
from callboard.portal.roles import pages
from callboard.portal.roles.desk import asker, change, given, path_of, roles_of
from callboard.web.view import View


async def create(view: View) -> Response:
    """Make an empty role: `name`, `version`."""
    await roles_of(view).check_update(asker(view))
    form = await view.form()
    name = given(form, "name")
    try:
        await change(view, form, lambda now: now.with_new(Role(name)), f"Created the role {name}")
    except ConfigError as error:  # the name is the only thing that can be wrong
        return await pages.overview(view, wrong=error.problems[0].message, typed=name, status=400)
    return await view.redirect(f"{path_of(name)}?done=created")


async def describe(view: View) -> Response:
    """Set title and description: `title`, `description`, `version`."""
    await roles_of(view).check_update(asker(view))
    form = await view.form()
    name: str = view.request.path_params["name"]

    def described(now: Policies) -> Policies:
        role = replace(now.role(name), title=given(form, "title"), description=given(form, "description"))
        return now.with_changed(name, role)

    await change(view, form, described, f"Described the role {name}")
    return await view.redirect(f"{path_of(name)}?done=saved")


async def members(view: View) -> Response:
    """Add or remove a member: `add` or `remove`, `version`."""
    await roles_of(view).check_update(asker(view))
    form = await view.form()
    name: str = view.request.path_params["name"]
    added, removed = given(form, "add").lower(), given(form, "remove").lower()
    if not added and not removed:
        raise InputError("Say which member to add or to remove.")
    if added and (wrong := wrong_member(added)):
        return await pages.role(view, wrong=wrong, typed=added, status=400)

    def joined(now: Policies) -> Policies:
        role = now.role(name)
        if added in role.members:
            return now
        return now.with_changed(name, replace(role, members=(*role.members, added)))

    def left(now: Policies) -> Policies:
        role = now.role(name)
        if removed not in role.members:
            raise NotFoundError(f"{removed} is no member of the role {name}.")
        return now.with_changed(
            name, replace(role, members=tuple(one for one in role.members if one != removed))
        )

    if added:
        await change(view, form, joined, f"Added {added} to the role {name}")
        return await view.redirect(f"{path_of(name)}?done=joined")
    await change(view, form, left, f"Removed {removed} from the role {name}")
    return await view.redirect(f"{path_of(name)}?done=left")


async def delete(view: View) -> Response:
    """Delete a role: `sure`, `version`."""
    await roles_of(view).check_update(asker(view))
    form = await view.form()
    name: str = view.request.path_params["name"]
    if given(form, "sure") != "yes":
        raise InputError("Tick that the role shall go before you delete it.")
    await change(view, form, lambda now: now.without(name), f"Deleted the role {name}")
    return await view.redirect("/admin/roles?done=deleted")
