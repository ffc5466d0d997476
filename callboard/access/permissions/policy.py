"""Policies: what decides about the users of a portal. Exactly one is asked; `permission.policy` names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from callboard.access.permissions.types import ALLOWED, DENIED, Decision, Permission
from callboard.access.principals import Principal
from callboard.plugins import Contribution, PluginContext


class Policy(Protocol):
    """`version` changes whenever any decision may be another than before: decisions are remembered by it."""

    @property
    def version(self) -> int: ...

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        """The decision for a user. Not asked about services."""


@dataclass(frozen=True, slots=True)
class PolicyContribution(Contribution):
    """A policy that `permission.policy: <id>` chooses."""

    id: str
    make: Callable[[PluginContext], Policy]


class AllowAll:
    """Every user may do everything."""

    version = 0

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        return ALLOWED


class DenyAll:
    """No user may do anything."""

    version = 0

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        return DENIED
