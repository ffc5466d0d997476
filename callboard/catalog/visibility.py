"""What each principal may see of the catalog: the questions of the read index, bound to their permission."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from callboard.access.permissions import Permission, Result
from callboard.access.permissions.policy import AllowAll
from callboard.access.permissions.service import Permissions
from callboard.access.principals import Principal
from callboard.catalog.permissions import ENTITY_READ, condition_of
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import EVERYTHING, NOTHING, Condition

KEPT = 8192
"""Principals whose sight is remembered; who sees the same shares the rows."""

Key = tuple[str, str, str, tuple[str, ...], str | None, object]


class Visibility:
    """Decisions are remembered until the policy changes; what they let through follows the index."""

    def __init__(self, permissions: Permissions, queries: Queries) -> None:
        self.permissions = permissions
        self.queries = queries
        """Those of everything."""
        self._known: OrderedDict[Key, Queries] = OrderedDict()
        self._version = permissions.version

    async def queries_for(self, principal: Principal, permission: Permission = ENTITY_READ) -> Queries:
        """The questions that the principal may ask: answered as if nothing else existed.

        With another permission: about the entities that it is given for, whether they may be seen or not.
        """
        if self._version != self.permissions.version:
            self._known.clear()
            self._version = self.permissions.version
        key = (
            permission.name,
            principal.type,
            principal.subject,
            principal.owns,
            principal.actor,
            principal.restrictions,
        )
        known = self._known.get(key)
        if known is None:
            version = self.permissions.version
            known = self.queries.seen(await self.condition_for(principal, permission))
            if version == self.permissions.version == self._version:
                self._known[key] = known
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return known

    async def condition_for(self, principal: Principal, permission: Permission) -> Condition:
        """Which entities the principal may do this with, as a condition of the index."""
        decision = await self.permissions.decide(principal, permission)
        if decision.result is not Result.CONDITIONAL:
            return EVERYTHING if decision.result is Result.ALLOW else NOTHING
        assert decision.conditions is not None
        return condition_of(decision.conditions, self.permissions.rules)

    async def may(self, principal: Principal, permission: Permission, entity: Any) -> bool:
        """Whether the principal may do this with an entity (JSON, hence Any), seen or not."""
        return await self.permissions.allows(principal, permission, entity)


def open_to_all(queries: Queries) -> Visibility:
    """Every principal sees everything, for portals without permissions."""
    return Visibility(Permissions(AllowAll(), (), (), enabled=False), queries)
