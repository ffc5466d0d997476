"""What pages and API of the plugins begin with: the services, the permissions, and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from callboard.access.permissions import Permission, Permissions
from callboard.access.principals import Principal
from callboard.core.config import Config
from callboard.core.errors import NotAllowedError
from callboard.plugins import PluginContext
from callboard.plugins.admin import Overview, PluginAdmin, without_secrets
from callboard.plugins.tasks import Tasks

ID = "plugins"
PATH = "/admin/plugins"
SWITCH = "plugins.install.enabled"

PLUGINS_READ = Permission("plugins.read", "read")
PLUGINS_UPDATE = Permission("plugins.update", "update")
PLUGINS_INSTALL = Permission("plugins.install", "create")


class Desk:
    """The plugins, for one who asks."""

    def __init__(self, context: PluginContext, principal: Principal) -> None:
        self.admin = context.get(PluginAdmin)
        self.tasks = context.get(Tasks)
        self.principal = principal
        self._config = context.get(Config)
        self._permissions = context.get(Permissions)

    @property
    def by(self) -> str:
        """How what is done is signed."""
        return self.principal.name

    @property
    def can_install(self) -> bool:
        """Whether this portal installs and removes plugins at run time at all."""
        return self._config.boolean(SWITCH, True)

    async def may(self, permission: Permission) -> bool:
        """Whether the one who asks may do something, so that a page offers only what works."""
        if permission == PLUGINS_INSTALL and not self.can_install:
            return False
        return await self._permissions.allows(self.principal, permission)

    async def require(self, permission: Permission) -> None:
        """Raises NotAllowedError."""
        await self._permissions.require(self.principal, permission)
        if permission == PLUGINS_INSTALL and not self.can_install:
            raise NotAllowedError(f"Installing and removing plugins is switched off here: {SWITCH}")


def path_of(plugin: str) -> str:
    """The path of a plugin's page."""
    return f"{PATH}/{quote(plugin, safe='')}"


def set_here(one: Overview) -> Mapping[str, Any] | None:
    """What was configured at run time, without secrets; nothing where no schema tells which those are."""
    config, schema = one.setting.config, schema_of(one)
    return None if config is None or schema is None else without_secrets(config, schema)


def schema_of(one: Overview) -> Mapping[str, Any] | None:
    """The JSON schema of the configuration, None for a plugin without one."""
    declared = (one.manifest or {}).get("config")
    return declared["schema"] if declared else None
