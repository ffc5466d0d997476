"""The permission framework: permissions, rules, policies and their decisions."""

from callboard.access.permissions.criteria import AllOf, AnyOf, Criteria, Not, Rule
from callboard.access.permissions.policy import AllowAll, DenyAll, Policy, PolicyContribution
from callboard.access.permissions.service import Permissions
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
    "AllowAll",
    "AnyOf",
    "Criteria",
    "Decision",
    "DenyAll",
    "Not",
    "Permission",
    "PermissionRule",
    "Permissions",
    "Policy",
    "PolicyContribution",
    "Result",
    "Rule",
]
