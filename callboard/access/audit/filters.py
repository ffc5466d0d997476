"""Which events are asked for, from a query string and back into one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from callboard.access.audit.event import SEVERITIES, STATUSES
from callboard.core.errors import InputError

DEFAULT_LIMIT = 50
MOST = 1000
_LONGEST = 300
_TEXTS = ("actor", "event", "plugin", "ip", "outcome", "severity", "since", "until", "q")


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty texts filter nothing. `since` and `until` are days or moments in ISO 8601, in UTC where they name
    no zone; `until` a day includes the whole of it. `severity` includes the higher ones. `q` are words that
    all stand somewhere in the event. `before` is the id of the last event of the part before.
    """

    actor: str = ""
    event: str = ""
    plugin: str = ""
    ip: str = ""
    outcome: str = ""
    severity: str = ""
    since: str = ""
    until: str = ""
    q: str = ""
    before: int | None = None
    limit: int = DEFAULT_LIMIT

    @property
    def from_(self) -> float | None:
        """Seconds since 1970."""
        return _moment("since", self.since, end=False) if self.since else None

    @property
    def to(self) -> float | None:
        """Seconds since 1970, not included itself."""
        return _moment("until", self.until, end=True) if self.until else None

    @property
    def severities(self) -> tuple[str, ...]:
        """The severity asked for and those above; empty where all are."""
        levels: tuple[str, ...] = SEVERITIES
        return levels[levels.index(self.severity) :] if self.severity else ()

    @property
    def words(self) -> list[str]:
        return self.q.lower().split()

    def parameters(self) -> dict[str, str]:
        """What a query string needs to ask for the same, from the newest on."""
        return {name: value for name in _TEXTS if (value := getattr(self, name))}

    def after(self, last: int | None) -> Filter:
        """The same, from behind an event on."""
        return replace(self, before=last)


def read_filter(query: Mapping[str, str]) -> Filter:
    """The filter in a query string. InputError for what is no outcome, severity, moment, limit or cursor."""
    texts = {name: query.get(name, "").strip() for name in _TEXTS}
    for name, value in texts.items():
        if len(value) > _LONGEST or "\x00" in value:
            raise InputError(f"{name} must be at most {_LONGEST} characters of text")
    for name, allowed in (("outcome", STATUSES), ("severity", SEVERITIES)):
        if texts[name] and texts[name] not in allowed:
            raise InputError(f"{name} must be one of {', '.join(allowed)}")
    found = Filter(
        **texts,
        before=_number(query, "cursor", 2**62),
        limit=_number(query, "limit", MOST) or DEFAULT_LIMIT,
    )
    since, until = found.from_, found.to  # both are read, and refused where they cannot be
    if since is not None and until is not None and since >= until:
        raise InputError("since must be before until")
    return found


def _number(query: Mapping[str, str], name: str, most: int) -> int | None:
    value = query.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 20 and 1 <= int(value) <= most):
        raise InputError(
            "cursor is not one that this list gave" if name == "cursor" else f"{name}: 1 to {most}"
        )
    return int(value)


def _moment(name: str, text: str, *, end: bool) -> float:
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2026-01-01"):
            moment = datetime.combine(moment, time.min) + (timedelta(days=1) if end else timedelta())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise InputError(
            f"{name} must be a day or a moment such as 2026-01-31 or 2026-01-31T12:00Z"
        ) from None
