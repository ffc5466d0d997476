"""What the desk contributes: API, provider, tasks and permissions. Its pages stand in `desk_pages`."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from callboard.catalog.contributions import EntityProcessor, EntityProvider
from callboard.marketplace.desk.api import desk_routes
from callboard.marketplace.desk.api_attested import attested_routes
from callboard.marketplace.desk.api_files import file_routes
from callboard.marketplace.desk.api_shelving import shelving_routes
from callboard.marketplace.desk.install import SCHEME, find_wheel
from callboard.marketplace.desk.notices import plan_notices
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.order import Order, TakenDownProcessor
from callboard.marketplace.desk.outbox import deliver
from callboard.marketplace.desk.permissions import PERMISSIONS
from callboard.marketplace.desk.provider import NAME, DeskProvider
from callboard.marketplace.desk.submissions import Submissions
from callboard.plugins import Need, Plugin, PluginContext
from callboard.plugins.contributions import PackageSource, PlanNotices, Router, ScheduledTask

ID = "marketplace-desk"


def _routes(context: PluginContext) -> Sequence[BaseRoute]:
    made = [desk_routes, shelving_routes, file_routes, attested_routes]
    return [route for make in made for route in make(context)]


async def _mail(context: PluginContext) -> None:
    office = Office(context)
    await deliver(office.database, office.settings.mail)


async def _stale(context: PluginContext) -> None:
    await Submissions(Office(context)).run_stale()


async def _order(context: PluginContext) -> None:
    await Order(Office(context)).keep()


PLUGIN = Plugin(
    id=ID,
    title="Marketplace: the desk",
    description="Publishers, submissions, reviews and releases of plugins.",
    needs=(
        Need("database", "Keeps publishers, submissions, releases and their wheels."),
        Need("catalog.read", "Knows which names are taken."),
        Need("catalog.write", "Gives the catalog what is published."),
        Need("network", "Asks domains for their proof, and links whether they lead anywhere."),
        Need("identity", "Knows who asks, and writes down what was done."),
    ),
    contributions=(
        *PERMISSIONS,
        EntityProvider(NAME, DeskProvider),
        # After the processors that read the extension kinds, whose listings come as they are.
        EntityProcessor(TakenDownProcessor.name, TakenDownProcessor, priority=40),
        Router(_routes, root=True),
        PackageSource(SCHEME, find_wheel),
        PlanNotices("marketplace", plan_notices),
        ScheduledTask("mail", _mail, 60.0, "Send mail that waits"),
        ScheduledTask("order", _order, 60.0, "Mark what is taken down"),
        ScheduledTask("checks", _stale, 120.0, "Run checks that were broken off"),
    ),
)
