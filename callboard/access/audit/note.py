"""What a feature says about the request it is answering, for the audit log.

    audit_event(request, "entity-delete", severity="medium", entityRef=ref)

names the event; the outcome is added when the request is answered. The note lives in the ASGI scope.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection

from callboard.access.audit.event import Severity

SCOPE_KEY = "callboard.audit"


@dataclass(slots=True)
class Note:
    """`event` is empty until a feature names it; `skipped` requests are only written down when refused."""

    event: str = ""
    plugin: str = ""
    severity: Severity = "low"
    skipped: bool = False
    meta: dict[str, Any] = field(default_factory=dict)


def audit_event(
    source: HTTPConnection | MutableMapping[str, Any],
    event: str,
    /,
    *,
    severity: Severity = "low",
    plugin: str = "",
    **meta: Any,
) -> None:
    """Name what this request does. A GET that says so is written down too, such as an export or a sign-in.

    `meta` is JSON and adds to what was said before; it must hold no secret and nothing of a body but
    references. Without `Audited` around the application nothing happens.
    """
    note = _note(source)
    if note is not None:
        note.event, note.severity, note.plugin = event, severity, plugin or note.plugin
        note.meta.update(meta)


def unaudited(source: HTTPConnection | MutableMapping[str, Any]) -> None:
    """Say that this request changes nothing though its method is POST. Refusals are written down anyway."""
    note = _note(source)
    if note is not None:
        note.skipped = True


def _note(source: HTTPConnection | MutableMapping[str, Any]) -> Note | None:
    scope = source.scope if isinstance(source, HTTPConnection) else source
    found: Note | None = scope.get(SCOPE_KEY)
    return found
