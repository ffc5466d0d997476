"""The policies document: roles with their members and grants, as values. Reading one is `reading.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

import orjson

from callboard.access.permissions.criteria import AllOf, AnyOf, Criteria, Not, Rule, as_json
from callboard.access.permissions.types import Action, Permission, PermissionRule
from callboard.core.errors import ConflictError, NotFoundError

Effect = Literal["allow", "deny"]
EVERYONE = "*"
"""A member that stands for every user."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a document may speak of: the permissions and rules of all plugins."""

    permissions: tuple[Permission, ...] = ()
    rules: tuple[PermissionRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """Allows or denies the permissions whose names match `permission`, in which `*` stands for any text.

    With `action` only permissions with that action; with `conditions` only those about resources of the type
    that the conditions are about, and only where they hold.
    """

    permission: str
    effect: Effect
    action: Action | None = None
    conditions: Criteria | None = None

    def matches(self, permission: Permission) -> bool:
        """Whether it says anything about this permission."""
        if self.action is not None and self.action != permission.action:
            return False
        if self.conditions is not None and resource_type(self.conditions) != permission.resource_type:
            return False
        return fnmatchcase(permission.name, self.permission)

    def as_json(self) -> dict[str, Any]:
        """As it stands in a document."""
        found: dict[str, Any] = {"permission": self.permission}
        if self.action is not None:
            found["action"] = self.action
        found["effect"] = self.effect
        if self.conditions is not None:
            found["conditions"] = as_json(self.conditions)
        return found


@dataclass(frozen=True, slots=True)
class Role:
    """`members` are refs of users and groups in lower case, or `*`."""

    name: str
    title: str = ""
    description: str = ""
    members: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it stands in a document; empty texts are left out."""
        found: dict[str, Any] = {"name": self.name}
        if self.title:
            found["title"] = self.title
        if self.description:
            found["description"] = self.description
        found["members"] = list(self.members)
        found["grants"] = [grant.as_json() for grant in self.grants]
        return found


@dataclass(frozen=True, slots=True)
class Policies:
    """A whole document. The names of its roles are unique; their order has no meaning but for people."""

    roles: tuple[Role, ...] = ()

    def role(self, name: str) -> Role:
        """Raises NotFoundError."""
        for role in self.roles:
            if role.name == name:
                return role
        raise NotFoundError(f"There is no role called {name}.")

    def with_new(self, role: Role) -> Policies:
        """With one role more, at the end. Raises ConflictError when its name is taken."""
        if any(one.name == role.name for one in self.roles):
            raise ConflictError(f"There is a role called {role.name} already.")
        return replace(self, roles=(*self.roles, role))

    def with_changed(self, name: str, role: Role) -> Policies:
        """With `role` in place of the one called `name`. Raises NotFoundError, ConflictError."""
        self.role(name)
        if role.name != name and any(one.name == role.name for one in self.roles):
            raise ConflictError(f"There is a role called {role.name} already.")
        return replace(self, roles=tuple(role if one.name == name else one for one in self.roles))

    def without(self, name: str) -> Policies:
        """Without a role. Raises NotFoundError."""
        self.role(name)
        return replace(self, roles=tuple(one for one in self.roles if one.name != name))

    def as_json(self) -> dict[str, Any]:
        return {"roles": [role.as_json() for role in self.roles]}

    def text(self) -> str:
        """As stored: JSON, the same for the same document."""
        return orjson.dumps(self.as_json()).decode()

    def yaml(self) -> str:
        """As people edit it."""
        return as_yaml(self.as_json())


def as_yaml(value: Any) -> str:
    """A JSON value (hence Any) as YAML."""
    import ryaml

    text: str = ryaml.dumps(value)  # type: ignore[attr-defined]  # its stubs forget to export it
    return text


def resource_type(criteria: Criteria) -> str:
    """The type of the resources that conditions are about: that of their first rule."""
    return next(iter(rules_of(criteria)))[1]


def rules_of(criteria: Criteria) -> Iterable[tuple[str, str]]:
    """Name and resource type of every rule in conditions, in order."""
    match criteria:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from rules_of(part)
        case Not(part):
            yield from rules_of(part)
        case Rule(name, type_, _):
            yield name, type_


def failing_closed(policies: Policies, rules: Iterable[PermissionRule]) -> Policies:
    """The document with nothing in it that asks a rule nobody provides, as when a plugin was taken away.

    An allowance under such conditions matches nothing any more (but keeps its place, so that grants are
    numbered as written), a denial holds without them: neither opens anything.
    """
    provided = {(rule.name, rule.resource_type) for rule in rules}

    def closed(grant: Grant) -> Grant:
        if grant.conditions is None or provided.issuperset(rules_of(grant.conditions)):
            return grant
        name = grant.permission if grant.effect == "deny" else ""
        return replace(grant, permission=name, conditions=None)

    return Policies(tuple(replace(role, grants=tuple(map(closed, role.grants))) for role in policies.roles))
