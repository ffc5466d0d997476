"""One thing that happened, as the audit log keeps it (contract note C4, Auditor). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Severity = Literal["low", "medium", "high", "critical"]
Status = Literal["succeeded", "failed"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
STATUSES: tuple[Status, ...] = ("succeeded", "failed")


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is in seconds since 1970. `actor` is the principal's name, `via` the service through which a user
    acted, `means` how they proved who they are. `http_status` and what describes the request are empty for
    work that no request asked for. `error` is the name of an error, never its message, which may quote what
    was sent. `meta` is JSON (hence Any). `id` is given by the store, rising.
    """

    at: float
    plugin: str
    event: str
    severity: Severity
    status: Status
    actor: str
    via: str = ""
    means: str = ""
    ip: str = ""
    user_agent: str = ""
    method: str = ""
    url: str = ""
    http_status: int | None = None
    error: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def when(self) -> str:
        """ISO 8601 in UTC with milliseconds."""
        moment = datetime.fromtimestamp(self.at, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def as_json(self) -> dict[str, Any]:
        """The event as Backstage's auditor shapes it, and what ours knows besides."""
        found: dict[str, Any] = {
            "id": self.id,
            "at": self.when,
            "plugin": self.plugin,
            "eventId": self.event,
            "severityLevel": self.severity,
            "status": self.status,
            "actor": {
                "actorId": self.actor,
                "via": self.via or None,
                "means": self.means,
                "ip": self.ip or None,
                "userAgent": self.user_agent or None,
            },
            "meta": dict(self.meta),
        }
        if self.method:
            found["request"] = {"method": self.method, "url": self.url}
            found["response"] = {"statusCode": self.http_status}
        if self.error:
            found["error"] = self.error
        return found


def at_least(severity: Severity, least: Severity) -> Severity:
    """The higher of two severities."""
    return max(severity, least, key=SEVERITIES.index)
