"""What documents of these tests speak of: a few permissions and the rules about entities, written plainly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callboard.access.permissions import Permission, PermissionRule
from callboard.access.principals import Principal
from callboard.access.roles.document import Known
from callboard.access.roles.service import PERMISSIONS
from callboard.core.errors import NotAllowedError

READ = Permission("catalog.entity.read", "read", "catalog-entity")
DELETE = Permission("catalog.entity.delete", "delete", "catalog-entity")
CREATE = Permission("catalog.entity.create", "create")
LOCATION = Permission("catalog.location.read", "read")
TASK = Permission("scaffolder.task.read", "read", "scaffolder-task")

Entity = Mapping[str, Any]


def _schema(required: str, kind: Mapping[str, Any], *optional: str) -> dict[str, Any]:
    properties = {required: kind, **{name: {"type": "string"} for name in optional}}
    return {
        "type": "object",
        "properties": properties,
        "required": [required],
        "additionalProperties": False,
    }


def _owner(entity: Entity, params: Mapping[str, Any]) -> bool:
    return entity["owner"] in params["claims"]


def _kind(entity: Entity, params: Mapping[str, Any]) -> bool:
    return entity["kind"].lower() in [kind.lower() for kind in params["kinds"]]


def _label(entity: Entity, params: Mapping[str, Any]) -> bool:
    labels = entity["labels"]
    return params["label"] in labels and params.get("value") in (None, labels[params["label"]])


_TEXTS = {"type": "array", "items": {"type": "string"}}
RULES = (
    PermissionRule(
        "catalog", "IS_ENTITY_OWNER", "Owned by one", "catalog-entity", _schema("claims", _TEXTS), _owner
    ),
    PermissionRule(
        "catalog", "IS_ENTITY_KIND", "Of a kind", "catalog-entity", _schema("kinds", _TEXTS), _kind
    ),
    PermissionRule(
        "catalog",
        "HAS_LABEL",
        "With a label",
        "catalog-entity",
        _schema("label", {"type": "string"}, "value"),
        _label,
    ),
    PermissionRule(
        "scaffolder", "IS_TASK_OWNER", "Own task", "scaffolder-task", _schema("claims", _TEXTS), _owner
    ),
)
KNOWN = Known((READ, DELETE, CREATE, LOCATION, TASK, *PERMISSIONS), RULES)


def rule(name: str, type_: str = "catalog-entity", **params: Any) -> dict[str, Any]:
    return {"rule": name, "resourceType": type_, "params": params}


OWNED = rule("IS_ENTITY_OWNER", claims=["$ownerRefs"])


def grant(permission: str, effect: str = "allow", conditions: Any = None, **more: Any) -> dict[str, Any]:
    found = {"permission": permission, "effect": effect, **more}
    return found if conditions is None else {**found, "conditions": conditions}


def role(name: str, members: Sequence[str], *grants: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "members": list(members), "grants": list(grants)}


def user(name: str, *groups: str) -> Principal:
    ref = f"user:default/{name}"
    return Principal("user", ref, (ref, *(f"group:default/{group}" for group in groups)), means="session")


class Members:
    """Lets those in `readers` and `writers` (refs) read and change the roles; everyone who is no user too."""

    def __init__(self, readers: Sequence[str], writers: Sequence[str]) -> None:
        self._may = {"policy.read": {*readers, *writers}, "policy.update": {*writers}}

    async def require(self, principal: Principal, permission: Permission) -> None:
        if principal.user is not None and principal.user not in self._may[permission.name]:
            raise NotAllowedError(f"{principal.name} may not {permission.name}")
