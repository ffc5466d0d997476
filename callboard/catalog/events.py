"""Tells plugins what changed in the catalog: an event for each change, on every node."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.core.feed import Change, Feed
from callboard.core.following import Following
from callboard.plugins.contributions import Event
from callboard.plugins.events import Events

TOPIC = "catalog.entity"
BATCH = 500


class EntityEvents(Following):
    """Publishes `catalog.entity` with `{entityRef, operation}`; `operation` is `put` or `delete`.

    What changed before the process began, or while its place in the feed was lost, is not told.
    """

    def __init__(self, feed: Feed, events: Events) -> None:
        super().__init__(feed, "events", BATCH)
        self._events = events

    async def read_all(self) -> None:
        """Nothing: events are about what happens from now on."""

    async def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.topic == "entity":
                payload = {"entityRef": change.key, "operation": change.operation}
                self._events.publish(Event(TOPIC, payload, {}))
