"""The built-in providers: configured locations, registered locations, and paths of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.catalog.ingest.contract import Connection, Deferred
from callboard.catalog.sources.locations import location_entity
from callboard.catalog.store import locations as store
from callboard.core.database import Database

CONFIGURED = "ConfigLocationProvider"
COMMAND_LINE = "CommandLineProvider"
REGISTERED = "DefaultLocationStore"


@dataclass(frozen=True, slots=True)
class Target:
    """What a Location shall read: `type` is `file` or `url`."""

    type: str
    target: str
    presence: str = "required"


def _deferred(target: Target, name: str | None = None) -> Deferred:
    entity = location_entity(target.type, target.target, target.presence)
    if name is not None:
        entity["metadata"]["name"] = name
    return Deferred(entity, f"{target.type}:{target.target}")


class TargetsProvider:
    """Locations that the operator wrote down: `catalog.locations`, or arguments of `callboard serve`.

    They are the operator's own words, so removing many of them is not held back.
    """

    def __init__(self, name: str, targets: Sequence[Target]) -> None:
        self.name = name
        self.targets = list(targets)
        self._connection: Connection | None = None

    async def connect(self, connection: Connection) -> None:
        self._connection = connection
        await connection.apply_full([_deferred(target) for target in self.targets], guarded=False)

    async def replace(self, targets: Sequence[Target]) -> None:
        """The targets changed while running, as when a watched folder gained or lost a file."""
        if self._connection is None or list(targets) == self.targets:
            return
        self.targets = list(targets)
        await self._connection.apply_full([_deferred(target) for target in self.targets])


class RegisteredProvider:
    """Locations that people registered through the API; the table `locations` holds them."""

    name = REGISTERED

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    async def connect(self, connection: Connection) -> None:
        self._connection = connection
        await self.publish()

    async def publish(self) -> None:
        """Tell the catalog what is registered now."""
        if self._connection is None:
            return
        async with self._database.read() as rows:
            registered = await store.for_provider(rows)
        await self._connection.apply_full(
            [
                _deferred(Target(kind, target, presence), ref.partition("/")[2])
                for kind, target, presence, ref in registered
            ],
            guarded=False,
        )
