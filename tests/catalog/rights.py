"""Principals with rights, for tests of what they may see and do in the catalog."""

from __future__ import annotations

from typing import Any

from callboard.access.permissions import ALLOWED, DENIED, Decision, Permission, Result
from callboard.access.permissions.criteria import read_criteria
from callboard.access.permissions.service import Permissions
from callboard.access.principals import Principal
from callboard.catalog.index import Index
from callboard.catalog.permissions import ENTITY, PERMISSIONS, RULES
from callboard.catalog.query import Queries
from callboard.catalog.visibility import Visibility

ADA = Principal("user", "user:default/ada", ("user:default/ada", "group:default/red"))
BOB = Principal("user", "user:default/bob", ("user:default/bob", "group:default/blue"))


def rule(name: str, **params: Any) -> dict[str, Any]:
    return {"rule": name, "resourceType": ENTITY, "params": params}


def under(conditions: dict[str, Any]) -> Decision:
    return Decision(Result.CONDITIONAL, "catalog", ENTITY, read_criteria(conditions))


class Rights:
    """A policy: what each user may do, by permission; what is not named is denied."""

    def __init__(self) -> None:
        self.version = 0
        self._given: dict[tuple[str, str], Decision] = {}

    def give(self, user: Principal, *permissions: Permission, decision: Decision = ALLOWED) -> None:
        self._given.update({(user.subject, one.name): decision for one in permissions})
        self.version += 1

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        return self._given.get((user.subject, permission.name), DENIED)

    def over(self, index: Index) -> Visibility:
        return Visibility(Permissions(self, RULES, PERMISSIONS, enabled=True), Queries(index))
