"""What is installed of plugins and packages, in the words of the extensions API and beside their listings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from packaging.utils import canonicalize_name

from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, OneOf
from callboard.marketplace.model import Listing, Release, installable
from callboard.marketplace.obtain import source_of
from callboard.marketplace.reading import mapping, text
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.tables import LISTING
from callboard.marketplace.versions import version_order
from callboard.plugins.admin import PluginAdmin
from callboard.plugins.install import Installation

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


# Installed plugins and the listings they belong to


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing with its releases of one distribution, newest first; one that was taken down has none."""

    listing: Listing
    releases: tuple[Release, ...]

    def newest(self) -> Release | None:
        """The newest release that is not yanked, a pre-release only when there is nothing else."""
        return installable(self.releases)

    def release(self, version: str) -> Release | None:
        return next((one for one in self.releases if one.order == version_order(version)), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an installed plugin stands to its listing. What does not apply is empty.

    `newer` is a version above the installed one, `back` a former one to go to where the installed one was
    yanked and nothing newer is there; `source` is what the installer takes for either.
    """

    plugin: str
    version: str
    listing: str = ""
    title: str = ""
    path: str = ""
    newer: str = ""
    back: str = ""
    source: str = ""
    yanked: str = ""
    deprecated: bool = False
    taken_down: str = ""

    @property
    def other(self) -> str:
        """The version that `source` installs."""
        return self.newer or self.back


async def offers_of(shelf: Shelf, queries: Queries, distribution: str) -> list[Offer]:
    """The listings, of whatever source, that name this distribution as a package of Callboard's."""
    name = canonicalize_name(distribution)
    rows = queries.rows(AllOf((LISTING, OneOf("spec.packages.name", (name,))))) or EMPTY
    found = []
    for item in (await shelf.at(list(rows))).values():
        listing = item.listing
        if not any(
            one.ecosystem == "pypi" and canonicalize_name(one.name) == name for one in listing.packages
        ):
            continue
        releases = () if listing.taken_down is not None else await shelf.releases(listing.ref)
        found.append(Offer(listing, tuple(one for one in releases if _is_of(one, name))))
    return sorted(found, key=lambda one: one.listing.ref)


def offer_of(offers: Sequence[Offer], source: str, sha256: str) -> Offer | None:
    """What something installed belongs to: by the source it came from, its very file, or its name.

    Where several listings name one distribution and nothing else tells them apart it is none of them: a
    version of another publisher is no update.
    """
    by_file = [one for one in offers if any(each.artefact.sha256 == sha256 for each in one.releases)]
    wanted = source.partition("@")[0].strip()
    by_source = [one for one in offers if source_of(one.listing) == wanted]
    for found in (by_source, by_file, offers):
        if len(found) == 1:
            return found[0]
    return None


def standing(one: Installation, offer: Offer | None) -> Standing:
    """How an installed plugin stands. Pure."""
    if offer is None:
        return Standing(one.plugin, one.version)
    listing, best = offer.listing, offer.newest()
    here = offer.release(one.version)
    yanked = "" if here is None or here.yanked is None else here.yanked.reason or "no reason was given"
    newer = best.version if best is not None and best.order > version_order(one.version) else ""
    back = best.version if best is not None and yanked and not newer else ""
    source = source_of(listing)
    return Standing(
        one.plugin,
        one.version,
        listing.ref,
        listing.title,
        listing.path,
        newer,
        back,
        f"{source}@{newer or back}" if source and (newer or back) else "",
        yanked,
        listing.lifecycle == "deprecated",
        "" if listing.taken_down is None else listing.taken_down or "no reason was given",
    )


async def standings(
    installed: Sequence[Installation], shelf: Shelf, queries: Queries
) -> list[tuple[Installation, Standing]]:
    """Each installed plugin with how it stands."""
    found = []
    for one in installed:
        offers = await offers_of(shelf, queries, one.distribution)
        found.append((one, standing(one, offer_of(offers, one.source, own_sha256(one)))))
    return found


async def standing_of(
    listing: str, installed: Sequence[Installation], shelf: Shelf, queries: Queries
) -> Standing | None:
    """How what is installed of a listing stands, by its reference; None when nothing of it is installed."""
    found = await standings(installed, shelf, queries)
    return next((one for _, one in found if one.listing == listing.lower()), None)


def own_sha256(one: Installation) -> str:
    """The hash of the plugin's own wheel."""
    return one.artifacts[0].sha256 if one.artifacts else ""


def _is_of(release: Release, name: str) -> bool:
    return release.package is not None and canonicalize_name(release.package.name) == name
