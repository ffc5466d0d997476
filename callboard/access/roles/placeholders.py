"""Placeholders in the parameters of rules, which stand for the user who asks. Pure.

`$currentUser` is the ref of the user, `$ownerRefs` the list of the user and its groups; in a list it stands
for its items. The names are those of the community RBAC plugin of Backstage (its docs/conditions.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from callboard.access.permissions.criteria import AllOf, AnyOf, Criteria, Not, Rule

CURRENT_USER = "$currentUser"
OWNER_REFS = "$ownerRefs"
_LIKE_ONE = re.compile(r"\$[A-Za-z]+")


def is_unknown(text: str) -> bool:
    """Whether a parameter looks like a placeholder and is none, which is a mistake of typing."""
    return _LIKE_ONE.fullmatch(text) is not None and text not in (CURRENT_USER, OWNER_REFS)


def filled(value: Any, user: str, owns: Sequence[str]) -> Any:
    """A parameter (JSON, hence Any; lists may be tuples) with the user's values. Lists become tuples."""
    if value == CURRENT_USER:
        return user
    if value == OWNER_REFS:
        return tuple(owns)
    if isinstance(value, list | tuple):
        items: list[Any] = []
        for item in value:
            if item == OWNER_REFS:
                items.extend(owns)
            else:
                items.append(filled(item, user, owns))
        return tuple(items)
    return value


def for_user(criteria: Criteria, user: str, owns: Sequence[str]) -> Criteria:
    """Conditions with the placeholders of every rule replaced."""
    match criteria:
        case AllOf(parts):
            return AllOf(tuple(for_user(part, user, owns) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(for_user(part, user, owns) for part in parts))
        case Not(part):
            return Not(for_user(part, user, owns))
        case Rule(name, resource_type, params):
            return Rule(name, resource_type, tuple((key, filled(one, user, owns)) for key, one in params))
