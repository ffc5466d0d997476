"""What is installed of plugins and packages, in the words of the extensions API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from callboard.marketplace.reading import mapping, text
from callboard.marketplace.versions import version_order
from callboard.plugins.admin import PluginAdmin

Status = Literal["NotInstalled", "Installed", "PartiallyInstalled", "Disabled", "UpdateAvailable"]
Versions = Mapping[str, tuple[str, bool]]
"""Version of each installed distribution by its name in lower case, and whether its plugin is enabled."""
Installed = Callable[[], Awaitable[Versions]]


async def nothing() -> Versions:
    """Where no plugins are installed at run time."""
    return {}


def of_admin(admin: PluginAdmin) -> Installed:
    """What was installed at run time, as `PluginAdmin` knows it."""

    async def versions() -> Versions:
        return {
            one.installation.distribution.lower(): (one.installation.version, one.status.state == "live")
            for one in await admin.all()
            if one.installation is not None
        }

    return versions


def package_status(package: Mapping[str, Any], installed: Versions) -> Status:
    """A package of this portal by its name; packages of npm are never installed here."""
    spec = mapping(package.get("spec"))
    known = installed.get(text(spec.get("packageName")).lower())
    if known is None:
        return "NotInstalled"
    version, enabled = known
    if not enabled:
        return "Disabled"
    newest = text(spec.get("version"))
    return "UpdateAvailable" if newest and version_order(newest) > version_order(version) else "Installed"


def plugin_status(packages: Sequence[Mapping[str, Any]], installed: Versions) -> Status:
    """A plugin by its packages: all, some or none."""
    each = [package_status(one, installed) for one in packages]
    there = [one for one in each if one != "NotInstalled"]
    if not there:
        return "NotInstalled"
    if len(there) < len(each):
        return "PartiallyInstalled"
    if all(one == "Disabled" for one in there):
        return "Disabled"
    return "UpdateAvailable" if "UpdateAvailable" in there else "Installed"
