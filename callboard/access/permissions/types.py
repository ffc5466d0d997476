"""Permissions, rules and decisions: the vocabulary of Backstage's permission framework (contract note C2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from callboard.access.permissions.criteria import Criteria
from callboard.plugins import Contribution

Action = Literal["create", "read", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Permission(Contribution):
    """Something that can be allowed, such as `catalog.entity.delete`.

    With a `resource_type` it is asked about resources of that type, and may be allowed under conditions.
    """

    name: str
    action: Action | None = None
    resource_type: str | None = None

    @property
    def plugin(self) -> str:
        """The id of the plugin it belongs to: what stands before the first dot."""
        return self.name.partition(".")[0]

    def as_json(self) -> dict[str, Any]:
        """The permission as it goes over the wire."""
        attributes = {"action": self.action} if self.action else {}
        if self.resource_type is None:
            return {"type": "basic", "name": self.name, "attributes": attributes}
        return {
            "type": "resource",
            "name": self.name,
            "attributes": attributes,
            "resourceType": self.resource_type,
        }


@dataclass(frozen=True, slots=True)
class PermissionRule(Contribution):
    """A test that conditions are made of, such as "is owned by one of these".

    `params` is the JSON Schema of its parameters. `apply(resource, params)` answers for one resource, which
    is whatever the plugin that owns `resource_type` keeps under a resource ref (JSON, hence Any).
    """

    plugin: str
    name: str
    description: str
    resource_type: str
    params: Mapping[str, Any]
    apply: Callable[[Any, Mapping[str, Any]], bool] = field(compare=False)


class Result(Enum):
    ALLOW = "ALLOW"
    DENY = "DENY"
    CONDITIONAL = "CONDITIONAL"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy answers. A conditional one names the plugin whose rules its `conditions` use."""

    result: Result
    plugin: str | None = None
    resource_type: str | None = None
    conditions: Criteria | None = None


ALLOWED = Decision(Result.ALLOW)
DENIED = Decision(Result.DENY)
