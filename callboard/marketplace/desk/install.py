"""Gives the portal's installer what it wants from the desk: `marketplace:<listing>` or `…@<version>`."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import InvalidVersion, Version

from callboard.core.errors import InputError, NotFoundError
from callboard.marketplace.desk import store
from callboard.marketplace.desk.artefacts import Artefacts
from callboard.marketplace.desk.attested import Attested
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.records import Release
from callboard.plugins import PluginContext
from callboard.plugins.contributions import OfferedWheel

SCHEME = "marketplace"


async def find_wheel(context: PluginContext, what: str) -> OfferedWheel:
    """The wheel with its provenance. Raises NotFoundError, and InputError for what was taken down."""
    office = Office(context)
    name, _, version = (part.strip() for part in what.partition("@"))
    listing = await office.read(lambda rows: store.listing(rows, name))
    if listing.taken_down:
        raise InputError(f"{name} was taken down: {listing.taken_down}")
    releases = await office.read(lambda rows: store.releases_of(rows, name))
    chosen = newest(releases) if not version else next((x for x in releases if x.version == version), None)
    if chosen is None:
        told = f"no version {version}" if version else "no version that is not yanked"
        raise NotFoundError(f"{name} has {told} in the Marketplace")
    _, content = await Artefacts(office.database, office.settings.artefacts).content(chosen.sha256)
    return OfferedWheel(chosen.filename, content, await Attested(office).provenance(chosen))


def newest(releases: Sequence[Release]) -> Release | None:
    """The highest version that is not yanked, a final one where there is any."""
    shown = [one for one in releases if one.yanked_at is None]
    final = [one for one in shown if not version_of(one).is_prerelease]
    return max(final or shown, key=version_of, default=None)


def version_of(release: Release) -> Version:
    """For comparing; what is no version is lower than all."""
    try:
        return Version(release.version)
    except InvalidVersion:
        return Version("0.dev0")
