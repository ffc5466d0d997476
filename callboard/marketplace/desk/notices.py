"""Says with the plan of an installation what the Marketplace knows against it; see `PlanNotices`."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core.errors import InputError
from callboard.marketplace.desk.office import Office
from callboard.marketplace.figures import NoFigures
from callboard.marketplace.installed import Offer, offer_of, offers_of
from callboard.marketplace.shelf import Shelf
from callboard.marketplace.weaknesses import weaknesses_of
from callboard.plugins import PluginContext
from callboard.plugins.install import Notice, Plan


async def plan_notices(context: PluginContext, plan: Plan) -> Sequence[Notice]:
    """What is yanked, deprecated, taken down, or known to be vulnerable."""
    office = Office(context)
    shelf = Shelf(office.queries, NoFigures())
    offers = await offers_of(shelf, office.queries, plan.distribution)
    offer = offer_of(offers, plan.source, plan.wheels[0].sha256)
    told = [] if offer is None else await _of_listing(offer, plan.version, shelf)
    try:
        osv = await office.osv()
    except (InputError, OSError) as error:
        return [*told, Notice("unread", f"Vulnerabilities were not looked for: {error}")]
    packages = [(one.name, one.version) for one in plan.wheels]
    return [*told, *(Notice("vulnerable", one.text, one.url) for one in weaknesses_of(packages, osv))]


async def _of_listing(offer: Offer, version: str, shelf: Shelf) -> list[Notice]:
    listing, told = offer.listing, []
    if listing.taken_down is not None:
        told.append(Notice("taken-down", listing.taken_down))
    release = offer.release(version)
    if release is not None and release.yanked is not None:
        told.append(Notice("yanked", release.yanked.reason or "no reason was given"))
    if listing.lifecycle == "deprecated":
        successor = await shelf.listing(listing.replaced_by) if listing.replaced_by else None
        reason = listing.deprecated_reason or "no reason was given"
        if successor is None:
            told.append(Notice("deprecated", reason))
        else:
            text = f"{reason.rstrip('.')}. Its successor is {successor.listing.title}."
            told.append(Notice("deprecated", text, successor.listing.path))
    return told
