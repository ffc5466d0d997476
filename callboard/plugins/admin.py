"""What people do to plugins at run time: enable, disable, configure, install, remove.

API, command line and pages are made of this. Who may do it is decided above.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.config import Config
from callboard.core.errors import InputError, NotFoundError
from callboard.plugins.health import Health, Incident
from callboard.plugins.install import Installation, Installer, Plan
from callboard.plugins.live import Live, Status, configured, merged
from callboard.plugins.manifest import Manifest, manifest_of
from callboard.plugins.settings import PluginSettings, Setting

HIDDEN = "••••••"
"""Stands where a secret is."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A plugin as people look at it; `health` is that on this node.

    `manifest` is what was approved where an installed plugin cannot be loaded. `setting` holds secrets.
    """

    status: Status
    health: str
    incidents: tuple[Incident, ...]
    manifest: Manifest | None
    setting: Setting
    effective: Mapping[str, Any]
    """What configures it now: the files', with what was set at run time over it. Secrets are left out."""
    installation: Installation | None = None
    """How it was installed at run time."""
    former: Installation | None = None
    """What it replaced, to which one can go back."""

    @property
    def removable(self) -> bool:
        return self.status.origin == "installed"

    @property
    def switchable(self) -> bool:
        return self.status.origin != "callboard"


class PluginAdmin:
    """`live` gives the plugins of this moment; `renew` makes this process follow a change at once."""

    def __init__(
        self,
        settings: PluginSettings,
        config: Config,
        live: Callable[[], Live],
        renew: Callable[[], Awaitable[None]],
        installer: Installer,
    ) -> None:
        self._installer = installer
        self._settings = settings
        self._config = config
        self._live = live
        self._renew = renew

    async def all(self) -> list[Overview]:
        """Every plugin that was found: those of Callboard first, then by title."""
        live, settings = self._live(), await self._settings.all()
        installed, former = await self._installer.installed(), await self._installer.former()
        found = [self._overview(status, live.health, settings, installed, former) for status in live.statuses]
        return sorted(found, key=lambda one: (one.status.origin == "callboard", one.status.title.lower()))

    async def one(self, plugin: str) -> Overview:
        """Raises NotFoundError."""
        live = self._live()
        for status in live.statuses:
            if status.id == plugin:
                settings, installed = await self._settings.all(), await self._installer.installed()
                former = await self._installer.former()
                return self._overview(status, live.health, settings, installed, former)
        raise NotFoundError(f"There is no plugin {plugin}")

    async def enable(self, plugin: str, enabled: bool, by: str) -> Overview:
        """Raises NotFoundError, and InputError for a part of Callboard itself."""
        known = await self.one(plugin)
        if not known.switchable:
            raise InputError(f"{known.status.title} is part of Callboard and cannot be switched off")
        await self._settings.enable(plugin, enabled, by)
        return await self._changed(plugin)

    async def configure(self, plugin: str, config: Mapping[str, Any] | None, by: str) -> Overview:
        """Lay `config` over the files' part; None takes it away. Raises InputError with every mistake."""
        known = await self.one(plugin)
        declared = known.status.plugin
        if declared is None or declared.config is None:
            raise InputError(f"{known.status.title} cannot be configured")
        _, mistakes = configured(declared, self._config, config)
        if mistakes:
            raise InputError("\n".join(mistakes))
        await self._settings.configure(plugin, config, by)
        return await self._changed(plugin)

    async def plan(self, source: str) -> Plan:
        """What installing a name, a wheel or a folder would do. Raises InputError and ConflictError."""
        return await self._installer.plan(source)

    async def install(self, plan: Plan, by: str) -> Overview:
        """Install what was planned, and go on with it."""
        await self._installer.apply(plan, by)
        return await self._changed(plan.plugin)

    async def rollback(self, plugin: str, by: str) -> Overview:
        """Go back to the version that was there before the last update. Raises NotFoundError without one."""
        await self._installer.rollback(plugin, by)
        return await self._changed(plugin)

    def knows(self, source: str) -> bool:
        """Whether a source is `<scheme>:<what>` of a scheme that a plugin contributes."""
        return self._installer.knows(source)

    async def remove(self, plugin: str) -> None:
        """Undo an installation wholly. Raises NotFoundError for what was not installed at run time."""
        await self._installer.remove(plugin)
        self._live().health.forget(plugin)
        await self._renew()

    async def _changed(self, plugin: str) -> Overview:
        self._live().health.forget(plugin)
        await self._renew()
        return await self.one(plugin)

    def _overview(
        self,
        status: Status,
        health: Health,
        settings: Mapping[str, Setting],
        installed: Mapping[str, Installation],
        former: Mapping[str, Installation],
    ) -> Overview:
        setting = settings.get(status.id, Setting())
        installation = installed.get(status.id) if status.origin == "installed" else None
        manifest = _manifest(status)
        if manifest is None and installation is not None:
            manifest = installation.manifest
        return Overview(
            status,
            health.state(status.id) if status.state == "live" else status.state,
            tuple(reversed(health.of(status.id).incidents)),
            manifest,
            setting,
            self._effective(status, setting),
            installation,
            former.get(status.id) if installation is not None else None,
        )

    def _effective(self, status: Status, setting: Setting) -> Mapping[str, Any]:
        plugin = status.plugin
        if plugin is None or plugin.config is None or _manifest(status) is None:
            return {}
        given = self._config.get((plugin.key,), {})
        together = merged(given if isinstance(given, dict) else {}, setting.config or {})
        return without_secrets(together, plugin.config.model_json_schema())


def _manifest(status: Status) -> Manifest | None:
    """What a plugin declares; None when that cannot be told: a broken one hides no other."""
    if status.plugin is None:
        return None
    try:
        return manifest_of(status.plugin)
    except Exception:  # it is somebody else's: the status names what is wrong
        return None


def without_secrets(value: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without what its schema marks as a password (pydantic's SecretStr does)."""
    definitions = schema.get("$defs", {})

    def cleaned(given: Any, wanted: Any) -> Any:
        if not isinstance(wanted, Mapping):
            return given
        if "$ref" in wanted:
            wanted = definitions.get(str(wanted["$ref"]).rpartition("/")[2], {})
        if wanted.get("format") == "password" or wanted.get("writeOnly"):
            return HIDDEN if given else given
        for key in ("anyOf", "allOf", "oneOf"):  # whichever it is: what is secret in one of them stays so
            for one in wanted.get(key, ()):
                given = cleaned(given, one)
        if isinstance(given, Mapping):
            inner, other = wanted.get("properties", {}), wanted.get("additionalProperties", {})
            return {key: cleaned(item, inner.get(key, other)) for key, item in given.items()}
        if isinstance(given, list):
            first, rest = wanted.get("prefixItems", ()), wanted.get("items", {})
            return [cleaned(item, first[at] if at < len(first) else rest) for at, item in enumerate(given)]
        return given

    result: dict[str, Any] = cleaned(value, schema)
    return result
