"""The card of the operations page: which installed plugins are old, yanked, or known to be vulnerable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from callboard.core.errors import InputError
from callboard.marketplace.checks.osv import NOTHING_KNOWN, OsvDatabase
from callboard.marketplace.desk_pages.desk import DESK, counter
from callboard.marketplace.figures import NoFigures
from callboard.marketplace.installed import Standing, standings
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.weaknesses import Weakness, weaknesses_of
from callboard.plugins.admin import PluginAdmin
from callboard.plugins.install import Installation
from callboard.web.contributions import Alert
from callboard.web.view import View

HERE = "#card-updates"


@dataclass(frozen=True, slots=True)
class Update:
    """An installed plugin with what is to be done about it."""

    standing: Standing
    weaknesses: tuple[Weakness, ...]

    @property
    def is_urgent(self) -> bool:
        one = self.standing
        return bool(self.weaknesses or one.yanked or one.taken_down)


async def updates_card(view: View) -> Mapping[str, Any] | None:
    """What the template is given; None where nothing was installed at run time."""
    office = counter(view).office
    admin = view.plugin(DESK).get(PluginAdmin)
    installed = [one.installation for one in await admin.all() if one.installation is not None]
    if not installed:
        return None
    osv, trouble = NOTHING_KNOWN, ""
    try:
        osv = await office.osv()
    except (InputError, OSError) as error:
        trouble = str(error)
    known = await standings(installed, Shelf(office.queries, NoFigures()), office.queries)
    return {
        "updates": updates(known, osv),
        "listed": sum(1 for _, standing in known if standing.listing),
        "unlisted": [one.plugin for one, standing in known if not standing.listing],
        "asked": office.settings.osv is not None,
        "trouble": trouble,
    }


def updates(known: Sequence[tuple[Installation, Standing]], osv: OsvDatabase) -> list[Update]:
    """What is to be done about each plugin, the urgent first; nothing about those that are well."""
    found = [Update(standing, weaknesses_of(_packages(one), osv)) for one, standing in known]
    wanted = [one for one in found if one.is_urgent or one.standing.newer or one.standing.deprecated]
    return sorted(wanted, key=lambda one: (not one.is_urgent, one.standing.plugin))


def alerts(data: Mapping[str, Any]) -> Sequence[Alert]:
    """What of the card needs attention before all else (`data` is the card's)."""
    found: Sequence[Update] = data["updates"]
    return [
        Alert(
            "bad",
            sum(1 for one in found if one.weaknesses),
            "installed plugin has a known vulnerability",
            "installed plugins have known vulnerabilities",
            "Look which version is fixed, update, or remove it.",
            HERE,
        ),
        Alert(
            "bad",
            sum(1 for one in found if one.standing.taken_down),
            "installed plugin was taken down from the Marketplace",
            "installed plugins were taken down from the Marketplace",
            "It runs here until somebody removes it.",
            HERE,
        ),
        Alert(
            "warn",
            sum(1 for one in found if one.standing.yanked),
            "installed plugin is a version that was yanked",
            "installed plugins are versions that were yanked",
            "Its publisher says that nobody should install it any more.",
            HERE,
        ),
    ]


def _packages(one: Installation) -> list[tuple[str, str]]:
    found = []
    for artifact in one.artifacts:
        try:
            name, version, _, _ = parse_wheel_filename(artifact.filename)
        except InvalidWheelFilename:  # it was installed, so it was one
            continue
        found.append((str(name), str(version)))
    return found
