"""The list of the plugins, and the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from callboard.access.schedule import TASKS_READ, TASKS_UPDATE
from callboard.plugins.admin import Overview
from callboard.plugins.words import NEEDS, added
from callboard.portal.platform.desk import (
    ID,
    PATH,
    PLUGINS_INSTALL,
    PLUGINS_READ,
    PLUGINS_UPDATE,
    Desk,
    path_of,
    schema_of,
    set_here,
)
from callboard.portal.platform.schema_form import Field, fields_of
from callboard.portal.platform.schema_input import Mistakes, text_of
from callboard.web.view import View

FILTERS = (("", "All"), ("added", "Added"), ("callboard", "Part of Callboard"))


def desk_of(view: View) -> Desk:
    """The plugins, for the visitor."""
    return Desk(view.plugin(ID), view.principal)


async def overview(view: View) -> Response:
    """All plugins: `show` is `added` (beside Callboard or at run time) or `callboard`."""
    desk = desk_of(view)
    await desk.require(PLUGINS_READ)
    every = await desk.admin.all()
    show = view.query.get("show", "")
    chosen = [
        one for one in every if show not in ("added", "callboard") or _ours(one) == (show == "callboard")
    ]
    return await view.page(
        "plugins/list.html",
        title=view.text("Plugins"),
        done=view.query.get("done", ""),
        plugins=chosen,
        ill=[one for one in every if one.status.state == "broken" or one.health == "unhealthy"],
        filters=[
            (f"{PATH}?show={value}" if value else PATH, view.text(text), value == show)
            for value, text in FILTERS
        ],
        may_install=await desk.may(PLUGINS_INSTALL),
        path_of=path_of,
    )


async def plugin_page(
    view: View,
    *,
    typed: Mapping[str, str] | None = None,
    mistakes: Mistakes | None = None,
    status: int = 200,
    done: str = "",
) -> Response:
    """One plugin: `id`. After a wrong form `typed` and `mistakes` are by the names of its fields."""
    return await show(
        view, view.request.path_params["id"], typed=typed, mistakes=mistakes, status=status, done=done
    )


async def show(
    view: View,
    plugin: str,
    *,
    typed: Mapping[str, str] | None = None,
    mistakes: Mistakes | None = None,
    status: int = 200,
    done: str = "",
) -> Response:
    """The page of a plugin. Raises NotFoundError."""
    desk = desk_of(view)
    await desk.require(PLUGINS_READ)
    one = await desk.admin.one(plugin)
    fields = fields_of(schema_of(one))
    return await view.page(
        "plugins/plugin.html",
        title=one.status.title,
        status=status,
        done=done or view.query.get("done", ""),
        one=one,
        added=added(one.manifest or {}),
        needs=(one.manifest or {}).get("needs", []),
        meaning=NEEDS,
        fields=grouped(fields, texts(fields, one.effective, typed)),
        mistakes=mistakes or {},
        configurable=one.status.plugin is not None and schema_of(one) is not None,
        set_here=set_here(one),
        tasks=await _tasks(desk, one),
        may_update=await desk.may(PLUGINS_UPDATE),
        may_install=await desk.may(PLUGINS_INSTALL),
        may_run=await desk.may(TASKS_UPDATE),
        path=path_of(one.status.id),
    )


def texts(
    fields: list[Field], effective: Mapping[str, Any], typed: Mapping[str, str] | None
) -> Mapping[str, str]:
    """What stands in the fields, by their names: what was typed, else what holds. Never a secret."""
    return {
        one.name: text_of(one, effective)
        if typed is None or one.kind == "secret"
        else typed.get(one.name, "")
        for one in fields
    }


def grouped(fields: list[Field], values: Mapping[str, str]) -> list[tuple[str, list[tuple[Field, str]]]]:
    """The fields with what stands in them, by the objects they are part of, those of none first."""
    groups: dict[str, list[tuple[Field, str]]] = {"": []}
    for one in fields:
        groups.setdefault(one.group, []).append((one, values[one.name]))
    return [(title, own) for title, own in groups.items() if own]


async def _tasks(desk: Desk, one: Overview) -> list[Mapping[str, Any]] | None:
    """The scheduled tasks with their last runs; None for who may not see them."""
    if not await desk.may(TASKS_READ):
        return None
    declared = {
        each["id"]: each
        for each in (one.manifest or {}).get("contributions", ())
        if each.get("kind") == "ScheduledTask" and isinstance(each.get("id"), str)
    }
    states = [state for state in await desk.tasks.states() if state.plugin == one.status.id]
    states.sort(key=lambda state: state.task)
    return [
        {"state": state, "title": declared.get(state.task, {}).get("title") or state.task} for state in states
    ]


def _ours(one: Overview) -> bool:
    return one.status.origin == "callboard"
