"""The card of the operations page: which installed plugins are old, yanked, or known to be vulnerable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from callboard.core.errors import InputError
from callboard.marketplace.checks.osv import NOTHING_KNOWN, OsvDatabase
from callboard.marketplace.desk import store
from callboard.marketplace.desk.install import SCHEME, newest, version_of
from callboard.marketplace.desk.records import Listing, Release
from callboard.marketplace.desk_pages.desk import DESK, counter
from callboard.plugins.admin import PluginAdmin
from callboard.plugins.install import Installation
from callboard.web.view import View


@dataclass(frozen=True, slots=True)
class Update:
    """An installed plugin with what is to be done about it; `source` is what to install, if there is any."""

    plugin: str
    version: str
    newer: str
    source: str
    yanked: str
    vulnerabilities: tuple[tuple[str, str], ...]
    """The package and the name of the vulnerability."""


async def updates_card(view: View) -> Mapping[str, Any] | None:
    """What the template is given; None where nothing was installed at run time."""
    here = counter(view)
    admin = view.plugin(DESK).get(PluginAdmin)
    installed = [one.installation for one in await admin.all() if one.installation is not None]
    if not installed:
        return None
    osv, trouble = NOTHING_KNOWN, ""
    try:
        osv = await here.office.osv()
    except (InputError, OSError) as error:
        trouble = str(error)
    listings = await here.office.read(store.all_listings)
    releases = await here.office.read(store.releases_of)
    return {
        "updates": updates(installed, listings, releases, osv),
        "asked": here.office.settings.osv is not None,
        "trouble": trouble,
    }


def updates(
    installed: Sequence[Installation],
    listings: Sequence[Listing],
    releases: Sequence[Release],
    osv: OsvDatabase,
) -> list[Update]:
    """What is to be done about each plugin; those that are as they should be are left out. Pure."""
    shelf = {one.distribution: one for one in listings if not one.taken_down}
    found = []
    for one in installed:
        listing = shelf.get(one.distribution)
        own = [each for each in releases if listing is not None and each.listing == listing.name]
        best = newest(own)
        is_newer = best is not None and _is_above(version_of(best), one.version)
        yanked = next(
            (each.yanked_reason for each in own if each.version == one.version and each.yanked_at), ""
        )
        vulnerable = tuple(
            (f"{name} {version}", each.id)
            for name, version in _packages(one)
            for each in osv.affecting(name, version)
        )
        if is_newer or yanked or vulnerable:
            newer = best.version if best is not None and is_newer else ""
            source = f"{SCHEME}:{listing.name}@{newer}" if listing is not None and newer else ""
            found.append(Update(one.plugin, one.version, newer, source, yanked, vulnerable))
    return found


def _packages(one: Installation) -> list[tuple[str, str]]:
    found = []
    for artifact in one.artifacts:
        try:
            name, version, _, _ = parse_wheel_filename(artifact.filename)
        except InvalidWheelFilename:  # it was installed, so it was one
            continue
        found.append((str(name), str(version)))
    return found


def _is_above(version: Version, than: str) -> bool:
    try:
        return version > Version(than)
    except InvalidVersion:
        return False
