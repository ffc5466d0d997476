"""What the administration of plugins contributes: pages, API and permissions."""

from __future__ import annotations

from pathlib import Path

from callboard.access.schedule import TASKS_READ, TASKS_UPDATE
from callboard.plugins import Need, Plugin
from callboard.plugins.contributions import Router
from callboard.portal.platform import forms, installing, pages
from callboard.portal.platform.api import plugins_routes
from callboard.portal.platform.desk import ID, PATH, PLUGINS_INSTALL, PLUGINS_READ, PLUGINS_UPDATE
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id=ID,
    title="Plugins",
    description="What runs here, how it fares and is set; installing and removing without a restart.",
    needs=(Need("identity", "Changes what runs here, for those who may."),),
    contributions=(
        PLUGINS_READ,
        PLUGINS_UPDATE,
        PLUGINS_INSTALL,
        TASKS_READ,
        TASKS_UPDATE,
        Router(plugins_routes, root=True),
        Page(PATH, pages.overview),
        Page(f"{PATH}/install", installing.ask),
        Page(f"{PATH}/install", installing.install, methods=("POST",)),
        Page(f"{PATH}/install/plan", installing.plan, methods=("POST",)),
        Page(f"{PATH}/{{id}}", pages.plugin_page),
        Page(f"{PATH}/{{id}}/enable", forms.switch(True), methods=("POST",)),
        Page(f"{PATH}/{{id}}/disable", forms.switch(False), methods=("POST",)),
        Page(f"{PATH}/{{id}}/config", forms.configure, methods=("POST",)),
        Page(f"{PATH}/{{id}}/rollback", forms.rollback, methods=("POST",)),
        Page(f"{PATH}/{{id}}/remove", forms.remove, methods=("POST",)),
        Page(f"{PATH}/{{id}}/tasks/{{task}}/run", forms.run, methods=("POST",)),
        NavigationItem("Plugins", PATH, "plugin", order=22, section="end", permission=PLUGINS_READ),
        Templates("plugins", Path(__file__).parent / "templates"),
    ),
)
