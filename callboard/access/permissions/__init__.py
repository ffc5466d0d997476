"""The permission framework: permissions, rules, policies and their decisions."""

from callboard.access.permissions.criteria import AllOf, AnyOf, Criteria, Not, Rule
from callboard.access.permissions.types import (
    ALLOWED,
    DENIED,
    Decision,
    Permission,
    PermissionRule,
    Result,
)

__all__ = [
    "ALLOWED",
    "DENIED",
    "AllOf",
    "AnyOf",
    "Criteria",
    "Decision",
    "Not",
    "Permission",
    "PermissionRule",
    "Result",
    "Rule",
]
