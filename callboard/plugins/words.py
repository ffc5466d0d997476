"""What a plugin adds, in plain words, from its manifest. Pure; a manifest is somebody else's text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 200
MOST = 100  # contributions of one kind that are listed

_TITLES = {
    "Page": "Pages",
    "NavigationItem": "Entries of the navigation",
    "EntityTab": "Tabs of entities",
    "EntityCard": "Cards of entities",
    "EntityKind": "Kinds of entities",
    "EntityProvider": "Sources of entities",
    "EntityProcessor": "Work on every entity",
    "PlaceholderResolver": "Placeholders in descriptors",
    "Router": "HTTP API",
    "ScheduledTask": "Work by the clock",
    "EventSubscriber": "Events it listens to",
    "PackageSource": "Places to install plugins from",
    "PlanNotices": "What it says before something is installed",
    "OperationsCard": "Cards of the operations page",
    "Collator": "What the search finds",
    "Decorator": "What it changes in what the search finds",
    "Permission": "Permissions that can be granted",
    "EntityRule": "Rules about entities",
    "PermissionRule": "Rules for conditions of permissions",
    "PolicyContribution": "Policies that decide what people may do",
    "SignInProvider": "Ways to sign in",
    "Action": "Actions for agents",
    "Languages": "Languages",
    "Templates": "Templates of pages",
}
"""By the names of the contributions, in the order they are shown."""
_NAMES = ("title", "name", "path", "id", "key", "type", "feature", "folder")

NEEDS = {
    "catalog.read": "Read every entity, whatever permissions say",
    "catalog.write": "Add, change and delete entities",
    "search": "Ask the search",
    "network": "Read addresses that the configuration allows",
    "identity": "Know who is signed in and what they may do",
    "database": "Keep tables of its own in the database",
}
"""What the needs of the contract allow, in plain words."""


@dataclass(frozen=True, slots=True)
class Added:
    """The contributions of one kind; `more` are those beyond `items`."""

    title: str
    items: tuple[str, ...]
    more: int


def added(manifest: Mapping[str, Any]) -> list[Added]:
    """What a manifest (JSON, hence Any) adds, by kind. Kinds that are not known here come last."""
    plugin = _text(manifest.get("id"))
    by_kind: dict[str, list[str]] = {}
    for one in manifest.get("contributions", ()):
        by_kind.setdefault(_text(one.get("kind")), []).append(_told(one, plugin))
    known = list(_TITLES)
    order = sorted(by_kind, key=lambda kind: (known.index(kind) if kind in _TITLES else len(known), kind))
    return [_added(_TITLES.get(kind, kind), list(dict.fromkeys(by_kind[kind]))) for kind in order]


def _added(title: str, items: list[str]) -> Added:
    return Added(title, tuple(items[:MOST]), max(0, len(items) - MOST))


def _told(one: Mapping[str, Any], plugin: str) -> str:
    """One contribution in a few words."""
    name = next((_text(one[key]) for key in _NAMES if isinstance(one.get(key), str) and one[key]), "")
    match one.get("kind"):
        case "Page":
            methods = _list(one.get("methods"))
            return name if methods in ("", "GET") else f"{name} ({methods})"
        case "NavigationItem":
            return f"{name}: {_text(one.get('path'))}"
        case "Router":
            return "anywhere" if one.get("root") else f"/api/{plugin}"
        case "ScheduledTask":
            return f"{name}, every {_seconds(one.get('every'))}"
        case "EventSubscriber":
            return f"{name}: {_list(one.get('topics'))}"
        case "EntityKind":
            declaration = one.get("declaration")
            return (_text(declaration.get("kind")) if isinstance(declaration, Mapping) else "") or name
        case "Action":
            return f"{name} ({'only reads' if one.get('read_only') else 'changes things'})"
        case _:
            return name


def _text(value: Any) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _list(value: Any) -> str:
    return ", ".join(_text(one) for one in value[:MOST]) if isinstance(value, list) else ""


def _seconds(value: Any) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "?"
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if value >= 2 * size and value % size == 0:
            return f"{value / size:g} {name}"
    return f"{value:g} s"
