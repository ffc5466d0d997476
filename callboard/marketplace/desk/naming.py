"""Whether a publisher could be taken for another one: those of the desk, and those that the catalog knows.

Asked anew whenever somebody looks, since others come and go while an application waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.core.errors import ConflictError
from callboard.marketplace.checks.findings import Finding, in_order
from callboard.marketplace.checks.given import TakenPublisher
from callboard.marketplace.desk import store
from callboard.marketplace.desk.entities import PLACE
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.shelf import place_of
from callboard.marketplace.intake.following import ADDRESS
from callboard.marketplace.model import PUBLISHER_TITLE


async def findings_of(office: Office, name: str, title: str) -> tuple[Finding, ...]:
    """What a reviewer has to weigh about the names of a publisher, the worst first."""
    others = [one for one in await office.read(store.all_publishers) if one.name != name]
    taken = [TakenPublisher(one.name, one.title, f"a publisher that is {one.state}") for one in others]
    taken += _of_catalog(office.queries.index, {one.name for one in others})
    return await asyncio.to_thread(_checked, name, title, taken)


def refuse_described(index: Index, name: str) -> None:
    """Raises ConflictError for the name of a publisher that a source describes: it would stay that one's.

    The publishers that the Marketplace makes of what listings say give way, so their names can be had.
    """
    row = index.row(f"publisher:default/{name}".lower())
    place = place_of(index, row) if row is not None else ""
    if row is not None and place != ADDRESS and not place.startswith(PLACE):
        raise ConflictError(f"There is a publisher {name} already, which comes from {place or 'a source'}")


def _checked(name: str, title: str, taken: Iterable[TakenPublisher]) -> tuple[Finding, ...]:
    from callboard.marketplace.checks.names import check_publisher  # few processes ever compare names

    return in_order(check_publisher(name, title, taken))


def _of_catalog(index: Index, ours: set[str]) -> list[TakenPublisher]:
    """Publishers that came into the catalog in another way, then titles that only listings say."""
    listings = _listings_by_publisher(index)
    found: dict[tuple[str, str], TakenPublisher] = {}
    kinds = index.fields.get("kind")
    for row in as_bitmap(kinds.like("publisher")) if kinds is not None else ():
        ref = index.ref(row)
        if place_of(index, row).startswith(PLACE):
            continue
        name = ref.rpartition("/")[2]
        title = next(iter(index.values_of(row, "metadata.title")), name)
        found[name, title] = TakenPublisher(name, title, f"a publisher of {_counted(listings[ref])}")
    field = index.fields.get(f"metadata.annotations.{PUBLISHER_TITLE}")
    for title, rows in field.items() if field is not None else ():
        own = as_bitmap(rows)
        by = next(iter(index.values_of(own[0], "spec.publisher")), "") if own else ""
        name = by.rpartition("/")[2].lower()
        if name not in ours:
            found.setdefault(
                (name, title), TakenPublisher(name, title, f"the publisher that {_counted(len(own))} name")
            )
    return list(found.values())


def _listings_by_publisher(index: Index) -> Counter[str]:
    field = index.fields.get("relations.publishedby")
    return Counter({ref: len(as_bitmap(rows)) for ref, rows in field.items()} if field is not None else {})


def _counted(number: int) -> str:
    return "1 listing" if number == 1 else f"{number:,} listings"
