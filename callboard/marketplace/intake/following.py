"""Follows the catalog for the Marketplace: publishers that listings name come to be, and what a processor was
told of other entities is told anew when it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from weakref import WeakKeyDictionary

import structlog

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.catalog.ingest.contract import LOCATION, Connection, Deferred
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import OneOf
from callboard.core.errors import CallboardError
from callboard.marketplace.intake.book import Book
from callboard.marketplace.intake.extensions import KINDS
from callboard.marketplace.intake.making import entity, placed
from callboard.marketplace.intake.processor import Answers, refresh_key
from callboard.marketplace.model import PUBLISHER_TITLE, PUBLISHER_URL
from callboard.marketplace.reading import ref_in

log = structlog.get_logger(__name__)
PAUSE = 0.25  # seconds between two looks at whether the catalog changed
QUIET = 3  # looks without a change until the catalog counts as quiet
PATIENCE = 240  # looks after which it counts as quiet anyway
CHUNK = 500
ADDRESS = "marketplace:publishers"

_following: WeakKeyDictionary[Index, asyncio.Task[None]] = WeakKeyDictionary()


class FollowingProvider:
    """Gives a Publisher for every name that listings give and nobody else describes."""

    name = "marketplace"

    def __init__(self, queries: Queries, answers: Answers) -> None:
        self._queries = queries
        self._answers = answers
        self._book = Book(queries)
        self._given: dict[str, Deferred] | None = None

    async def connect(self, connection: Connection) -> None:
        # When plugins are renewed, the new provider takes the place of the former on this catalog.
        index = self._queries.index
        former = _following.pop(index, None)
        if former is not None:
            former.cancel()
        _following[index] = asyncio.create_task(self._follow(connection))

    async def _follow(self, connection: Connection) -> None:
        seen, quiet, looks = -1, 0, 0
        while True:
            version = self._queries.index.version
            quiet, looks = quiet + 1 if version == seen else 0, looks + 1
            calm = quiet >= QUIET or looks >= PATIENCE
            settles = calm and not self._answers.settled and len(self._queries.index) > 0
            if settles:
                self._answers.settled = True
                await connection.refresh(self._untold())
            if version != seen or settles:
                seen = version
                try:
                    await self.look(connection)
                except (CallboardError, OSError):
                    log.exception("the marketplace could not follow the catalog; it is tried again")
                    seen = -1
            await asyncio.sleep(PAUSE)

    async def look(self, connection: Connection) -> None:
        """Bring publishers, and what others were told, up to date with the catalog as it is now."""
        wanted = self.publishers()
        if self._answers.settled and wanted != self._given:
            await connection.apply_full(list(wanted.values()), guarded=False)
            self._given = wanted
        stale = []
        for at, ref in enumerate(list(self._answers.told)):
            if self._answers.stale(self._book, ref):
                stale.append(refresh_key(ref))
                del self._answers.told[ref]  # it will be told anew
            if at % CHUNK == CHUNK - 1:
                await asyncio.sleep(0)
        if stale:
            await connection.refresh(stale)

    def _untold(self) -> list[str]:
        """Extension entities that were processed before this process began."""
        kinds = OneOf("kind", tuple(kind.lower() for kind in KINDS))
        refs = (self._queries.index.ref(row) for row in self._queries.rows(kinds) or ())
        return [refresh_key(ref) for ref in refs if ref not in self._answers.told]

    def publishers(self) -> dict[str, Deferred]:
        """Every publisher that listings name and that no other source describes, by reference."""
        titles, urls = self._of(PUBLISHER_TITLE), self._of(PUBLISHER_URL)
        found = {}
        for ref in sorted({*titles}):
            namespace, _, name = ref.partition(":")[2].partition("/")
            if self._is_anothers(ref):
                continue
            spec = {"type": "community", "url": urls.get(ref, "")}
            made = entity("Publisher", {"name": name, "namespace": namespace, "title": titles[ref]}, spec)
            # Without a key it has no owner: whoever describes the publisher takes it over at once.
            found[ref] = replace(placed(made, ADDRESS, ADDRESS), location_key=None)
        return found

    def _of(self, annotation: str) -> Mapping[str, str]:
        """What listings say in an annotation, by the publisher they name; the commonest wins."""
        index = self._queries.index
        field = index.fields.get(f"metadata.annotations.{annotation}")
        best: dict[str, tuple[int, str]] = {}
        listings = self._queries.rows(OneOf("kind", ("listing",)))
        if field is None or not listings:
            return {}
        for value, rows in field.items():
            own = as_bitmap(rows) & listings
            if not own:
                continue
            for ref in index.values_of(own[0], "spec.publisher"):
                low = ref_in(ref, "publisher", "default")
                best[low] = max(best.get(low, (0, "")), (len(own), value))
        return {ref: value for ref, (_, value) in best.items() if ref.startswith("publisher:")}

    def _is_anothers(self, ref: str) -> bool:
        row = self._queries.index.row(ref)
        if row is None:
            return False
        return ADDRESS not in self._queries.index.values_of(row, f"metadata.annotations.{LOCATION}")
