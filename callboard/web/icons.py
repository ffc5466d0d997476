"""Which icon of the sprite stands for a kind."""

from __future__ import annotations

_KINDS = {
    "component": "component",
    "api": "api",
    "system": "system",
    "domain": "domain",
    "resource": "resource",
    "group": "group",
    "user": "user",
    "location": "location",
    "template": "template",
    "airesource": "ai",
    "plugin": "plugin",
}


def icon_name(kind: str) -> str:
    """The icon of a kind, in any case; kinds we do not know share one."""
    return _KINDS.get(kind.lower(), "entity")
