"""What a policies document decides for one user, and why. Pure.

The grants of all roles of the user and its groups count together: a denial without conditions wins, one with
conditions takes away what they hold for, and of what is left anything is allowed that some grant allows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from callboard.access.permissions.criteria import (
    AllOf,
    AnyOf,
    Criteria,
    Holds,
    Not,
    Rule,
    applies,
    as_json,
)
from callboard.access.permissions.types import (
    ALLOWED,
    DENIED,
    Decision,
    Permission,
    PermissionRule,
    Result,
)
from callboard.access.roles.document import EVERYONE, Grant, Policies, Role, resource_type
from callboard.access.roles.placeholders import for_user


@dataclass(frozen=True, slots=True)
class Matched:
    """A grant that says something about what is asked. `number` counts from 1 in its role.

    `conditions` are those of the grant with the user's values; `holds` is whether they do for the resource
    in question, None when there is none.
    """

    number: int
    grant: Grant
    conditions: Criteria | None
    holds: bool | None = None

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"number": self.number, "grant": self.grant.as_json()}
        if self.conditions is not None:
            found["conditions"] = as_json(self.conditions)
        if self.holds is not None:
            found["holds"] = self.holds
        return found


@dataclass(frozen=True, slots=True)
class RoleFound:
    """A role of the user. `because` are the members that are the user or one of its groups, or `*`."""

    role: Role
    because: tuple[str, ...]
    grants: tuple[Matched, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.role.name,
            "because": list(self.because),
            "grants": [one.as_json() for one in self.grants],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a user may or may not do something: its roles in the order of the document, and the outcome."""

    user: str
    owns: tuple[str, ...]
    permission: Permission
    decision: Decision
    roles: tuple[RoleFound, ...]
    words: str

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "user": self.user,
            "owns": list(self.owns),
            "permission": self.permission.as_json(),
            "result": self.decision.result.value,
            "explanation": self.words,
            "roles": [one.as_json() for one in self.roles],
        }
        if self.decision.conditions is not None:
            found["conditions"] = as_json(self.decision.conditions)
        return found


def decide(policies: Policies, permission: Permission, user: str, owns: Sequence[str]) -> Decision:
    """The decision for a user (a ref) that counts as `owns` too: its groups, and the user itself."""
    refs = {user, *owns}
    grants = [
        grant
        for role in policies.roles
        if reasons(role, refs)
        for grant in role.grants
        if grant.matches(permission)
    ]
    return decision(permission, grants, user, owns)


def decision(permission: Permission, grants: Iterable[Grant], user: str, owns: Sequence[str]) -> Decision:
    """What grants that match a permission decide together."""
    # A dict keeps the order and drops what several roles say alike.
    allows: dict[Criteria | None, None] = {}
    denies: dict[Criteria, None] = {}
    for grant in grants:
        conditions = None if grant.conditions is None else for_user(grant.conditions, user, owns)
        if grant.effect == "allow":
            allows[conditions] = None
        elif conditions is None:
            return DENIED
        else:
            denies[conditions] = None
    if not allows:
        return DENIED
    parts: list[Criteria] = []
    if None not in allows:
        parts.append(_one_or(AnyOf, tuple(one for one in allows if one is not None)))
    parts.extend(Not(one) for one in denies)
    if not parts:
        return ALLOWED
    conditions = _one_or(AllOf, tuple(parts))
    return Decision(Result.CONDITIONAL, permission.plugin, resource_type(conditions), conditions)


def reasons(role: Role, refs: Collection[str]) -> tuple[str, ...]:
    """The members of a role that are the user, one of its groups, or everyone. Empty: the role is not its."""
    return tuple(member for member in role.members if member == EVERYONE or member in refs)


def explain(
    policies: Policies,
    permission: Permission,
    user: str,
    owns: Sequence[str],
    *,
    admins: Collection[str] = (),
    holds: Holds | None = None,
) -> Explanation:
    """The decision with every role and grant that led to it.

    `holds` tells which rules are met by one resource; then the decision is about that resource.
    """
    refs = {user, *owns}
    found = tuple(
        RoleFound(role, because, _matched(role, permission, user, owns, holds))
        for role in policies.roles
        if (because := reasons(role, refs))
    )
    made = decision(permission, (one.grant for role in found for one in role.grants), user, owns)
    if holds is not None and made.conditions is not None:
        made = ALLOWED if applies(made.conditions, holds) else DENIED
    if by := sorted(refs.intersection(admins)):
        words = f"Allowed: {by[0]} stands among permission.roles.admins of the configuration."
        return Explanation(user, tuple(owns), permission, ALLOWED, found, words)
    return Explanation(user, tuple(owns), permission, made, found, _words(found, made, holds is not None))


def rules_hold(rules: Iterable[PermissionRule], resource: Any, type_: str | None) -> Callable[[Rule], bool]:
    """Which rules one resource (JSON, hence Any) meets. A rule that nobody provides is not met."""
    provided = {rule.name: rule for rule in rules if rule.resource_type == type_}

    def holds(rule: Rule) -> bool:
        found = provided.get(rule.name)
        return found is not None and found.apply(resource, rule.arguments)

    return holds


def _matched(
    role: Role, permission: Permission, user: str, owns: Sequence[str], holds: Holds | None
) -> tuple[Matched, ...]:
    found: list[Matched] = []
    for number, grant in enumerate(role.grants, 1):
        if not grant.matches(permission):
            continue
        one = Matched(number, grant, None)
        if grant.conditions is not None:
            conditions = for_user(grant.conditions, user, owns)
            met = None if holds is None else applies(conditions, holds)
            one = replace(one, conditions=conditions, holds=met)
        found.append(one)
    return tuple(found)


def _words(found: Sequence[RoleFound], made: Decision, about_one: bool) -> str:
    """The outcome in one sentence. `about_one`: conditions were asked for one resource."""
    if not found:
        return "Denied: the user has no role."
    every = [(role.role.name, one) for role in found for one in role.grants]
    if not every:
        return "Denied: no role of the user says anything about this permission."
    plain_denies = _names(name for name, one in every if _is(one, "deny", conditional=False))
    if plain_denies:
        return f"Denied: {plain_denies} denies it, and a denial wins over whatever allows."
    if not any(one.grant.effect == "allow" for _, one in every):
        return "Denied: roles of the user take something away, none allows."
    allows = _names(name for name, one in every if _is(one, "allow", conditional=False))
    some = _names(name for name, one in every if _is(one, "allow", conditional=True))
    less = _names(name for name, one in every if _is(one, "deny", conditional=True))
    if about_one and (some or less):
        return _words_about_one(every, made, allows)
    if not less:
        return f"Allowed by {allows}." if allows else f"Allowed where the conditions of {some} hold."
    given = f"by {allows}" if allows else f"where the conditions of {some} hold"
    return f"Allowed {given}, but not where those that {less} denies hold."


def _words_about_one(every: Sequence[tuple[str, Matched]], made: Decision, allows: str) -> str:
    held = _names(name for name, one in every if one.grant.effect == "allow" and one.holds)
    against = _names(name for name, one in every if one.grant.effect == "deny" and one.holds)
    if made.result is Result.ALLOW:
        return f"Allowed by {allows}." if allows else f"Allowed: the conditions of {held} hold."
    if against:
        return f"Denied: {against} denies it under conditions that hold here."
    return "Denied: conditions under which roles of the user allow it do not hold here."


def _is(one: Matched, effect: str, *, conditional: bool) -> bool:
    return one.grant.effect == effect and (one.grant.conditions is not None) == conditional


def _names(names: Iterable[str]) -> str:
    return " and ".join(f'role "{name}"' for name in dict.fromkeys(names))


def _one_or(make: type[AllOf] | type[AnyOf], parts: tuple[Criteria, ...]) -> Criteria:
    return parts[0] if len(parts) == 1 else make(parts)
