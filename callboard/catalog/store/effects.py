"""What a transaction must still do before it commits: queue entities for stitching and append to the feed."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.tables import stitch_queue
from callboard.core.bulk import insert_rows
from callboard.core.database import Database
from callboard.core.feed import Feed

TOPIC = "entity"


@dataclass(slots=True)
class Effects:
    """Collected by the functions of the store; `finish` carries them out, the feed last."""

    to_stitch: set[str] = field(default_factory=set)
    changed: list[tuple[str, str]] = field(default_factory=list)
    """`(entity ref, put | delete)`, what final entities became."""
    updated: set[str] = field(default_factory=set)
    """Entities that a source gave otherwise than before."""


async def finish(connection: AsyncConnection, database: Database, feed: Feed, effects: Effects) -> int:
    """Returns the number of the last change in the feed, 0 when there was none."""
    await queue_stitching(connection, database, effects.to_stitch)
    return await feed.append(connection, TOPIC, effects.changed) if effects.changed else 0


async def queue_stitching(connection: AsyncConnection, database: Database, refs: set[str]) -> None:
    # An update, not "do nothing": it locks a row that is queued already, so that a stitching transaction
    # which cannot see this one's rows yet does not take it out of the queue.
    statement = database.insert_for(stitch_queue)
    statement = statement.on_conflict_do_update(
        index_elements=["entity_ref"], set_={"entity_ref": statement.excluded.entity_ref}
    )
    # Sorted: transactions that queue the same refs must not deadlock.
    await insert_rows(connection, statement, [{"entity_ref": ref} for ref in sorted(refs)])
