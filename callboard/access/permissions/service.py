"""Decides: the restrictions of a token first, then the policy; whatever goes wrong denies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema_rs
import structlog

from callboard.access.permissions.criteria import AllOf, AnyOf, Criteria, Not, Rule, applies
from callboard.access.permissions.policy import Policy
from callboard.access.permissions.types import (
    ALLOWED,
    DENIED,
    Decision,
    Permission,
    PermissionRule,
    Result,
)
from callboard.access.principals import Principal, Restriction
from callboard.core.errors import NotAllowedError

log = structlog.get_logger(__name__)
SECONDS = 5.0  # for a policy to decide


class Permissions:
    """`enabled` is `permission.enabled`; without it everyone may do everything that no token restricts."""

    def __init__(
        self,
        policy: Policy,
        rules: Iterable[PermissionRule],
        permissions: Iterable[Permission],
        *,
        enabled: bool,
    ) -> None:
        self.enabled = enabled
        self.rules: Mapping[tuple[str, str], PermissionRule] = {
            (rule.resource_type, rule.name): rule for rule in rules
        }
        self.permissions: Mapping[str, Permission] = {one.name: one for one in permissions}
        self._policy = policy
        self._schemas = {
            key: jsonschema_rs.validator_for(dict(rule.params)) for key, rule in self.rules.items()
        }

    @property
    def version(self) -> int:
        """Changes whenever any decision may be another than before."""
        return self._policy.version

    async def decide(self, principal: Principal, permission: Permission) -> Decision:
        """May the principal do this? A conditional decision is one whose conditions can be applied."""
        if not unrestricted(principal, permission):
            return DENIED
        if not self.enabled or principal.type == "service":
            return ALLOWED
        if principal.type == "none":
            return DENIED
        try:
            async with asyncio.timeout(SECONDS):
                decision = await self._policy.handle(permission, principal)
        except Exception:  # a policy is somebody else's code; not to know is to deny
            log.exception("the policy did not decide; it is denied", permission=permission.name)
            return DENIED
        if decision.result is Result.CONDITIONAL:
            wrong = self._wrong(decision, permission)
            if wrong:
                log.error("a decision cannot be applied; it is denied", permission=permission.name, why=wrong)
                return DENIED
        return decision

    async def allows(self, principal: Principal, permission: Permission, resource: Any = None) -> bool:
        """The same for one resource (as its rules take it, hence Any). Without one, conditions deny."""
        decision = await self.decide(principal, permission)
        if decision.result is not Result.CONDITIONAL:
            return decision.result is Result.ALLOW
        assert decision.conditions is not None
        return resource is not None and self.meets(decision.conditions, resource)

    async def require(self, principal: Principal, permission: Permission, resource: Any = None) -> None:
        """Raises NotAllowedError, which says nothing about the resource."""
        if not await self.allows(principal, permission, resource):
            raise NotAllowedError(f"You are not allowed to do this: {permission.name}")

    def meets(self, criteria: Criteria, resource: Any) -> bool:
        """Whether a resource meets criteria that `problem` finds nothing wrong with."""
        return applies(
            criteria, lambda rule: self.rules[rule.resource_type, rule.name].apply(resource, rule.arguments)
        )

    def problem(self, criteria: Criteria, resource_type: str | None = None) -> str:
        """Why criteria cannot be applied (to resources of a type); empty when they can."""
        match criteria:
            case AllOf(parts) | AnyOf(parts):
                return next((found for part in parts if (found := self.problem(part, resource_type))), "")
            case Not(part):
                return self.problem(part, resource_type)
            case Rule(name, type_):
                if resource_type is not None and type_ != resource_type:
                    return f"the rule {name} is about {type_}, not about {resource_type}"
                if (type_, name) not in self.rules:
                    return f"there is no rule {name} about {type_}"
                arguments = _listed(criteria.arguments)
                error = next(self._schemas[type_, name].iter_errors(arguments), None)
                return "" if error is None else f"the parameters of {name}: {error.message}"

    def _wrong(self, decision: Decision, permission: Permission) -> str:
        if decision.conditions is None:
            return "a conditional decision has no conditions"
        if permission.resource_type is None:
            return "the permission has no resources that conditions could be about"
        return self.problem(decision.conditions, permission.resource_type)


def unrestricted(principal: Principal, permission: Permission) -> bool:
    """Whether the token that the principal came with may be used for this."""
    if principal.restrictions is None:
        return True
    return any(_admits(one, permission) for one in principal.restrictions)


def _admits(restriction: Restriction, permission: Permission) -> bool:
    if restriction.plugin not in ("*", permission.plugin):
        return False
    if restriction.permissions and permission.name not in restriction.permissions:
        return False
    return not restriction.actions or permission.action in restriction.actions


def _listed(value: Any) -> Any:
    """Arguments as JSON has them: lists instead of tuples."""
    if isinstance(value, tuple | list):
        return [_listed(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _listed(one) for key, one in value.items()}
    return value
