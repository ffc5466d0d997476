"""A usage event, in the shape of Backstage's analytics events, and how one is read from JSON. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from callboard.core.errors import InputError

MOST_TEXT = 500
MOST_FIELDS = 30
MOST_EVENTS = 500
"""Events of one request."""
SKEW = timedelta(hours=24)
"""How old an event may be when it arrives; browsers send what they could not send before."""
# People's pages would say who looks at whom, and a query may hold anything.
_PERSON = re.compile(r"(?i)(/catalog/[^/]+/user)/[^/?#]+|(\buser:)[^\s/?#]+/[^\s?#]+")

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Event:
    """`plugin` and `page` (a pattern such as `/catalog/{namespace}/{kind}/{name}`) say where it happened."""

    action: str
    subject: str
    at: datetime
    value: float | None = None
    plugin: str | None = None
    page: str | None = None
    team: str | None = None
    visitor: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    context: Mapping[str, Scalar] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """The row of the raw dataset `events`, as JSON."""
        return {
            "day": self.at.date().isoformat(),
            "at": self.at.isoformat(),
            "action": self.action,
            "subject": self.subject,
            "value": self.value,
            "plugin": self.plugin,
            "page": self.page,
            "team": self.team,
            "visitor": self.visitor,
            "attributes": _written(self.attributes),
            "context": _written(self.context),
        }


def impersonal(subject: str) -> str:
    """The subject without what may tell of people: names of users, queries and fragments of paths."""
    if subject.startswith("/"):
        subject = subject.partition("?")[0].partition("#")[0]
    return _PERSON.sub(lambda match: f"{match[1] or match[2]}{'/' if match[1] else ''}-", subject)[:MOST_TEXT]


def read_event(body: Any, now: datetime) -> Event:
    """An event as a client of Backstage's analytics sends it (JSON, hence Any). Raises InputError."""
    if not isinstance(body, Mapping):
        raise InputError("An event must be an object")
    action, subject = _text(body, "action"), _text(body, "subject")
    if not action:
        raise InputError("An event must have an `action`")
    value = body.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InputError("The `value` of an event must be a number")
    context = _scalars(body, "context")
    plugin = context.pop("pluginId", None)
    for known in ("userRef", "userName", "userEntityRef", "sessionId"):
        context.pop(known, None)  # who it was is ours to say
    page = context.pop("routeRef", None)
    return Event(
        action=action,
        subject=subject if action == "search" else impersonal(subject),
        at=_time(context.pop("timestamp", body.get("timestamp")), now),
        value=None if value is None else float(value),
        plugin=None if plugin in (None, "root") else str(plugin),
        page=None if page in (None, "unknown") else str(page),
        attributes={name: _clean(one) for name, one in _scalars(body, "attributes").items()},
        context={name: _clean(one) for name, one in context.items()},
    )


def read_events(body: Any, now: datetime) -> list[Event]:
    """The events of a request: one, a list, or `{"events": [...]}`. Raises InputError."""
    if isinstance(body, Mapping) and isinstance(body.get("events"), list):
        body = body["events"]
    items = body if isinstance(body, list) else [body]
    if len(items) > MOST_EVENTS:
        raise InputError(f"One request may bring at most {MOST_EVENTS} events")
    return [read_event(one, now) for one in items]


def _time(value: Any, now: datetime) -> datetime:
    """When it happened; now where that is not said or cannot be true."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else now
    except ValueError:
        return now
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at if now - SKEW <= at <= now else now


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise InputError(f"The `{name}` of an event must be a text")
    return value[:MOST_TEXT]


def _scalars(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name) or {}
    if not isinstance(value, Mapping):
        raise InputError(f"The `{name}` of an event must be an object")
    kept = {
        str(key)[:MOST_TEXT]: one for key, one in value.items() if isinstance(one, str | int | float | bool)
    }
    return dict(list(kept.items())[:MOST_FIELDS])


def _clean(value: Scalar) -> Scalar:
    return impersonal(value) if isinstance(value, str) else value


def _written(value: Mapping[str, Scalar]) -> str:
    return orjson.dumps(dict(value), option=orjson.OPT_SORT_KEYS).decode()
