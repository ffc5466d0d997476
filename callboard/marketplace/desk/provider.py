"""Gives the catalog what is published: Publisher, Listing and Release entities, whole at each start."""

from __future__ import annotations

from callboard.catalog.ingest.contract import Connection, Deferred
from callboard.marketplace.desk import store
from callboard.marketplace.desk.entities import (
    Entity,
    listing_entity,
    publisher_entity,
    release_entity,
    release_name,
)
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.tables import MIGRATIONS
from callboard.plugins import PluginContext

NAME = "marketplace-desk"


class DeskProvider:
    """Connected by the catalog; the tables are made before anything else of the desk."""

    name = NAME

    def __init__(self, context: PluginContext) -> None:
        self._office = Office(context)

    async def connect(self, connection: Connection) -> None:
        await self._office.database.migrate(MIGRATIONS)
        self._office.shared.migrated = True
        self._office.shared.connection = connection
        await connection.apply_full([_deferred(one) for one in await everything(self._office)], guarded=False)


async def everything(office: Office) -> list[Entity]:
    """Every entity of the desk."""

    async def work(rows: store.Rows) -> list[Entity]:
        found: list[Entity] = []
        listings = await store.all_listings(rows)
        releases = await store.releases_of(rows)
        members, domains = await store.members_of(rows), await store.domains_of(rows)
        published = {one.publisher for one in listings}
        for one in await store.all_publishers(rows):
            if one.state == "approved" or one.name in published:
                found.append(
                    publisher_entity(
                        one,
                        [each for each in domains if each.publisher == one.name],
                        [each for each in members if each.publisher == one.name],
                    )
                )
        for listing in listings:
            own = [one for one in releases if one.listing == listing.name]
            found.append(listing_entity(listing, await store.icon_of(rows, listing.pictures)))
            if not listing.taken_down:
                found += [release_entity(one, listing) for one in own]
        return found

    return await office.read(work)


async def publish_listing(office: Office, name: str) -> None:
    """Give the catalog a listing with its releases as they are now."""

    async def work(rows: store.Rows) -> tuple[list[Entity], list[str]]:
        listing = await store.listing(rows, name)
        own = await store.releases_of(rows, name)
        made = [listing_entity(listing, await store.icon_of(rows, listing.pictures))]
        if listing.taken_down:
            return made, [f"release:default/{release_name(one)}" for one in own]
        return [*made, *(release_entity(one, listing) for one in own)], []

    made, gone = await office.read(work)
    await _give(office, made, gone)


async def publish_publisher(office: Office, name: str) -> None:
    """Give the catalog a publisher as it is now; one that was never approved is nobody's concern."""

    async def work(rows: store.Rows) -> list[Entity]:
        one = await store.publisher(rows, name)
        if one.state != "approved" and not await store.all_listings(rows, name):
            return []
        return [publisher_entity(one, await store.domains_of(rows, name), await store.members_of(rows, name))]

    await _give(office, await office.read(work), [])


async def _give(office: Office, made: list[Entity], gone: list[str]) -> None:
    connection = office.shared.connection
    if connection is not None and (made or gone):
        await connection.apply_delta([_deferred(one) for one in made], gone)


def _deferred(entity: Entity) -> Deferred:
    return Deferred(entity, f"{NAME}:{entity['kind']}/{entity['metadata']['name']}".lower())
