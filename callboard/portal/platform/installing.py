"""Installing on a page: name a package, look at what it would do, confirm."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from callboard.access.audit import audit_event
from callboard.core.errors import CallboardError, InputError
from callboard.plugins.install import Plan
from callboard.plugins.words import NEEDS, added
from callboard.portal.platform.desk import PLUGINS_INSTALL, path_of
from callboard.portal.platform.forms import settings, typed_of
from callboard.portal.platform.pages import desk_of, grouped, show, texts
from callboard.portal.platform.schema_form import Field, fields_of
from callboard.portal.platform.schema_input import Form, Mistakes, read
from callboard.portal.platform.sources import UPLOADED, UPLOADS, planned
from callboard.web.view import View


async def ask(view: View, *, source: str = "", wrong: str = "", status: int = 200) -> Response:
    """The form that asks what to install: `source`, where a page such as the Marketplace's leads here."""
    await desk_of(view).require(PLUGINS_INSTALL)
    return await view.page(
        "plugins/install.html",
        title=view.text("Install a plugin"),
        status=status,
        source=source or view.query.get("source", "")[:500],
        wrong=wrong,
    )


async def plan(view: View) -> Response:
    """What installing `source` would do, and the form that confirms it."""
    desk = desk_of(view)
    await desk.require(PLUGINS_INSTALL)
    source = _given(await view.form(), "source")
    audit_event(view.request, "plugin-plan", severity="low", source=source[:200])
    try:
        found = await planned(desk.admin, source, desk.by)
    except CallboardError as error:
        return await ask(view, source=source, wrong=str(error), status=error.status)
    return await _confirm(view, source, found)


async def install(view: View) -> Response:
    """Install exactly what was shown: `source`, `fingerprint`, and the configuration it needs."""
    desk = desk_of(view)
    audit_event(view.request, "plugin-install", severity="high")
    await desk.require(PLUGINS_INSTALL)
    form = await view.form()
    source = _given(form, "source")
    audit_event(view.request, "plugin-install", severity="high", source=source[:200])
    found = await planned(desk.admin, source, desk.by)
    audit_event(view.request, "plugin-install", severity="high", plugin=found.plugin, version=found.version)
    if found.fingerprint != _given(form, "fingerprint"):
        return await _confirm(view, source, found, changed=True, status=409)
    fields = _asked(view, found)
    _, mistakes = read(fields, form, {}, {}, {})
    if mistakes:
        return await _confirm(
            view, source, found, typed=typed_of(fields, form), mistakes=mistakes, status=400
        )
    made = await desk.admin.install(found, desk.by)
    view.note("install", found.plugin)
    UPLOADS.drop(source.removeprefix(UPLOADED))
    if fields:
        config, mistakes = settings(view, made, fields, form)
        if not mistakes and config:
            try:
                await desk.admin.configure(found.plugin, config, desk.by)
            except InputError as error:
                mistakes = {"": str(error)}
        if mistakes and made.status.plugin is not None:
            return await show(
                view,
                found.plugin,
                typed=typed_of(fields, form),
                mistakes=mistakes,
                status=400,
                done="installed-wrong",
            )
    return await view.redirect(f"{path_of(found.plugin)}?done=installed")


async def _confirm(
    view: View,
    source: str,
    found: Plan,
    *,
    typed: Mapping[str, str] | None = None,
    mistakes: Mistakes | None = None,
    changed: bool = False,
    status: int = 200,
) -> Response:
    fields = _asked(view, found)
    return await view.page(
        "plugins/plan.html",
        title=view.text("Install a plugin"),
        status=status,
        source=source,
        plan=found,
        added=added(found.manifest),
        needs=found.manifest["needs"],
        meaning=NEEDS,
        fields=grouped(fields, texts(fields, {}, typed)),
        configured_key=_key(found) if _configured(view, found) else "",
        mistakes=mistakes or {},
        changed=changed,
    )


def _asked(view: View, found: Plan) -> list[Field]:
    """The fields to fill in before: none where the plugin was installed before, or the files configure it."""
    if found.replaces is not None or _configured(view, found):
        return []
    config = found.manifest.get("config")
    return fields_of(config["schema"]) if config else []


def _configured(view: View, found: Plan) -> bool:
    return bool(_key(found)) and view.config.get((_key(found),)) is not None


def _key(found: Plan) -> str:
    config = found.manifest.get("config")
    return str(config["key"]) if config else ""


def _given(form: Form, name: str) -> str:
    return form.get(name, [""])[-1].strip()
