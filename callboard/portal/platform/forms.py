"""The forms of a plugin's page: switch, settings, removal, and running a task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

from callboard.access.audit import audit_event
from callboard.access.schedule import TASKS_UPDATE
from callboard.core.errors import InputError
from callboard.plugins.admin import Overview
from callboard.plugins.live import merged
from callboard.portal.platform.desk import PATH, PLUGINS_INSTALL, PLUGINS_UPDATE, path_of, schema_of
from callboard.portal.platform.pages import desk_of, plugin_page
from callboard.portal.platform.schema_form import Field, fields_of
from callboard.portal.platform.schema_input import Form, Mistakes, named, read
from callboard.web.view import View


def switch(enabled: bool) -> Callable[[View], Awaitable[Response]]:
    """The form that enables (or disables) a plugin: `id`."""

    async def switched(view: View) -> Response:
        desk, plugin = desk_of(view), view.request.path_params["id"]
        event = "plugin-enable" if enabled else "plugin-disable"
        audit_event(view.request, event, severity="high", plugin=plugin)
        await desk.require(PLUGINS_UPDATE)
        await desk.admin.enable(plugin, enabled, desk.by)
        return await view.redirect(f"{path_of(plugin)}?done={'enabled' if enabled else 'disabled'}")

    return switched


async def configure(view: View) -> Response:
    """Save the settings, or with `reset` go back to those of the files."""
    desk, plugin = desk_of(view), view.request.path_params["id"]
    audit_event(view.request, "plugin-configure", severity="high", plugin=plugin)
    await desk.require(PLUGINS_UPDATE)
    form = await view.form()
    one = await desk.admin.one(plugin)
    config: Mapping[str, Any] | None = None
    if "reset" not in form:
        fields = fields_of(schema_of(one))
        config, mistakes = settings(view, one, fields, form)
        if mistakes:
            return await plugin_page(view, typed=typed_of(fields, form), mistakes=mistakes, status=400)
    await desk.admin.configure(plugin, config or None, desk.by)
    return await view.redirect(f"{path_of(plugin)}?done={'reset' if config is None else 'saved'}")


async def remove(view: View) -> Response:
    """Remove an installed plugin: `sure`."""
    desk, plugin = desk_of(view), view.request.path_params["id"]
    audit_event(view.request, "plugin-remove", severity="high", plugin=plugin)
    await desk.require(PLUGINS_INSTALL)
    if (await view.form()).get("sure") != ["yes"]:
        raise InputError("Tick that the plugin shall go before you remove it.")
    await desk.admin.remove(plugin)
    return await view.redirect(f"{PATH}?done=removed")


async def rollback(view: View) -> Response:
    """Go back to the version that an update replaced."""
    desk, plugin = desk_of(view), view.request.path_params["id"]
    audit_event(view.request, "plugin-rollback", severity="high", plugin=plugin)
    await desk.require(PLUGINS_INSTALL)
    await desk.admin.rollback(plugin, desk.by)
    return await view.redirect(f"{path_of(plugin)}?done=rolled-back")


async def run(view: View) -> Response:
    """Run a scheduled task now: `id`, `task`."""
    desk, plugin, task = desk_of(view), view.request.path_params["id"], view.request.path_params["task"]
    audit_event(view.request, "plugin-task-run", severity="medium", plugin=plugin, task=task)
    await desk.require(TASKS_UPDATE)
    await desk.tasks.trigger(plugin, task)
    return await view.redirect(f"{path_of(plugin)}?done=triggered#tasks")


def settings(view: View, one: Overview, fields: list[Field], form: Form) -> tuple[dict[str, Any], Mistakes]:
    """What a form makes of the settings, and everything that is wrong with it, also by the plugin's model."""
    declared = one.status.plugin
    if declared is None:
        return {}, {"": "The plugin cannot be configured while it cannot be loaded"}
    given = view.config.get((declared.key,), {})
    base = given if isinstance(given, dict) else {}
    config, mistakes = read(fields, form, base, one.setting.config or {}, one.effective)
    if not mistakes:
        mistakes = named(fields, _refused(one, merged(base, config)))
    return config, mistakes


def _refused(one: Overview, config: Mapping[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    """What the plugin's own model says against a configuration."""
    declared = one.status.plugin
    if declared is None or declared.config is None:
        return [((), "The plugin cannot be configured")]
    try:
        declared.config.model_validate(config)
    except ValidationError as error:
        return [(each["loc"], each["msg"]) for each in error.errors(include_input=False, include_url=False)]
    except Exception as error:  # a validator of somebody else's code
        return [((), f"It cannot be checked: {type(error).__name__}: {error}")]
    return []


def typed_of(fields: Iterable[Field], form: Form) -> dict[str, str]:
    """What was typed, to show it again; never a secret."""
    return {
        one.name: form.get(one.name, [""])[-1].replace("\r\n", "\n") for one in fields if one.kind != "secret"
    }
