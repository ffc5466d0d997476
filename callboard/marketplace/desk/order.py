"""Keeps order among listings of any source: taken down, a listing is shown nowhere, whatever its source says.

The desk notes which ones; a processor writes it on the entity, where lists, counts, feeds, search and the
extensions API look. Listings that the desk publishes itself keep their own mark (`shelving.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.catalog.ingest.contract import Context, Entity
from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.marketplace.desk import store
from callboard.marketplace.desk.entities import PLACE
from callboard.marketplace.desk.office import Asker, Office, Shared
from callboard.marketplace.desk.permissions import TAKEDOWN
from callboard.marketplace.desk.provider import publish_publisher
from callboard.marketplace.desk.records import Event, Listing, Takedown
from callboard.marketplace.desk.shelf import listing_ref, place_of, title_of
from callboard.marketplace.desk.shelving import Shelving
from callboard.marketplace.desk.tables import MIGRATIONS, takedowns
from callboard.plugins import PluginContext

FRESH = 1.0
"""How long, in seconds, what another node changed may go unseen here."""
KINDS = ("listing", "plugin")
"""What is marked: a listing, and the plugin of the extension kinds that it is made of."""


class Order:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def of(self, asker: Asker, ref: str) -> tuple[str, Takedown | None]:
        """A listing of the catalog and whether it is taken down. Raises NotFoundError."""
        await self._office.require(asker, TAKEDOWN)
        known = listing_ref(ref)
        if (own := await self.own(known)) is not None:
            return known, _as_takedown(known, own)
        found = await self._office.read(lambda rows: store.takedown(rows, known))
        if found is None and self._office.queries.index.row(known) is None:
            raise NotFoundError(f"There is no listing {known.partition(':')[2]}")
        return known, found

    async def timeline(self, ref: str) -> list[Event]:
        return await self._office.read(lambda rows: store.events_of(rows, ref))

    async def own(self, ref: str) -> Listing | None:
        """The listing, when it is the desk that publishes it."""
        if not ref.startswith("listing:default/"):
            return None
        return await self._office.read(lambda rows: store.find_listing(rows, ref.rpartition("/")[2]))

    async def take_down(
        self, asker: Asker, ref: str, *, down: bool, reason: str = ""
    ) -> tuple[str, Takedown | None]:
        """Take a listing of any source off the shelf, or put it back."""
        asker.note("listing-take-down" if down else "listing-restore", "critical", listing=ref[:300])
        known, _ = await self.of(asker, ref)
        if (own := await self.own(known)) is not None:
            made = await Shelving(self._office).take_down(asker, own.name, down=down, reason=reason)
            return known, _as_takedown(known, made)
        reason = reason.strip()[:2000]
        if down and len(reason) < 3:
            raise InputError("Say why it is taken down")

        async def work(rows: store.Rows) -> Takedown | None:
            if down:
                taken = f"{known.partition(':')[2]} is taken down already"
                values = {"ref": known, "reason": reason, "taken_by": asker.name, "taken_at": time.time()}
                await store.add(rows, takedowns, taken, **values)
            elif not await store.drop_takedown(rows, known):
                raise ConflictError(f"{known.partition(':')[2]} is not taken down")
            step = "take-down" if down else "restore"
            await store.note(rows, known, asker.name, step, reason)
            await self._office.tell_operators(
                rows,
                step,
                asker,
                title=title_of(self._office.queries.index, known),
                path=f"/marketplace/desk/shelf/{known.partition(':')[2]}",
                publisher=_maker(self._office.queries.index, known),
                reason=reason,
            )
            return await store.takedown(rows, known)

        noted = await self._office.write(work)
        self._office.post()
        await self._mark([known])
        return known, noted

    async def keep(self) -> int:
        """Mark what is not marked as the desk knows it; how many. Another node may have read too early."""
        index = self._office.queries.index
        wanted = {one.ref for one in await self._office.read(store.all_takedowns)}
        marked = {index.ref(row) for row in _marked(index)}
        # The desk marks its own, and sources may mark theirs: those are looked at once, for nothing.
        seen = self._office.shared.marked_by_others
        others = {ref for ref in marked - wanted - seen if not _is_ours(index, ref)}
        wrong = [ref for ref in (wanted - marked) | others if index.row(ref) is not None]
        seen |= others
        if wrong:
            await self._mark(wrong)
        for one in await self._office.read(lambda rows: store.all_publishers(rows, "approved")):
            row = index.row(f"publisher:default/{one.name}")
            if row is None or not place_of(index, row).startswith(PLACE):
                await publish_publisher(self._office, one.name)
        return len(wrong)

    async def _mark(self, refs: Iterable[str]) -> None:
        """Have listings processed again, with the plugins that they are made of."""
        shared, catalog = self._office.shared, self._office.catalog
        shared.taken_changed = time.monotonic()
        every = [f"{kind}:{ref.partition(':')[2]}" for ref in refs for kind in KINDS]
        await catalog.refresh_many(every)
        if self._office.database.is_postgresql:  # another node may have done it by what it knew before

            async def again() -> int:
                await asyncio.sleep(2 * FRESH)
                return await catalog.refresh_many(every)

            task = asyncio.create_task(again())
            shared.tasks.add(task)
            task.add_done_callback(shared.tasks.discard)


class TakenDownProcessor:
    """Writes on listings that they are taken down. What a source says of itself stays beside it."""

    name = "MarketplaceOrderProcessor"

    def __init__(self, context: PluginContext) -> None:
        self._office = Office(context)
        self._lock = asyncio.Lock()

    async def post_process(self, entity: Entity, context: Context) -> Entity:
        kind, _, rest = context.ref.partition(":")
        if kind not in KINDS:
            return entity
        reason = (await self._taken()).get(f"listing:{rest}")
        if reason is None:
            return entity
        return {**entity, "spec": {**(entity.get("spec") or {}), "takenDown": {"reason": reason}}}

    async def _taken(self) -> dict[str, str]:
        """Ref → reason, of all nodes."""
        shared = self._office.shared
        if _is_fresh(shared):
            return shared.taken
        async with self._lock:
            if _is_fresh(shared):
                return shared.taken
            now = time.monotonic()
            if not shared.migrated:  # the first entities may come before the desk's provider
                await self._office.database.migrate(MIGRATIONS)
                shared.migrated = True
            found = {one.ref: one.reason for one in await self._office.read(store.all_takedowns)}
            shared.taken_at, shared.taken = now, found
            return found


def _is_fresh(shared: Shared) -> bool:
    """Read not long ago, and not while this node changed it."""
    return shared.taken_at > max(shared.taken_changed, time.monotonic() - FRESH)


def _as_takedown(ref: str, one: Listing) -> Takedown | None:
    """What is known of a listing of the desk, whose timeline tells who did it."""
    return Takedown(ref, one.taken_down, "", one.changed_at) if one.taken_down else None


def _maker(index: Index, ref: str) -> str:
    row = index.row(ref)
    named = index.values_of(row, "spec.publisher") if row is not None else []
    return named[0].rpartition("/")[2] if named else "nobody"


def _marked(index: Index) -> Iterable[int]:
    kinds, field = index.fields.get("kind"), index.fields.get("spec.takendown.reason")
    if kinds is None or field is None:
        return ()
    listings = as_bitmap(kinds.like("listing"))
    return {row for _, rows in field.items() for row in as_bitmap(rows) & listings}


def _is_ours(index: Index, ref: str) -> bool:
    row = index.row(ref)
    return row is not None and place_of(index, row).startswith(PLACE)
