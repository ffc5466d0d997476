"""Who did what, when, from where, and how it ended: written down, searched, exported."""

from callboard.access.audit.audit import Audit
from callboard.access.audit.event import Event, Severity, Status
from callboard.access.audit.middleware import Audited
from callboard.access.audit.note import audit_event, unaudited
from callboard.access.audit.settings import AuditSettings, read_audit

__all__ = [
    "Audit",
    "AuditSettings",
    "Audited",
    "Event",
    "Severity",
    "Status",
    "audit_event",
    "read_audit",
    "unaudited",
]
