"""Events for the tests."""

from __future__ import annotations

import time
from typing import Any

from callboard.access.audit import Event


def event(**given: Any) -> Event:
    usual: dict[str, Any] = {
        "at": time.time(),
        "plugin": "catalog",
        "event": "entity-delete",
        "severity": "low",
        "status": "succeeded",
        "actor": "user:default/jane",
        "means": "session",
        "ip": "10.0.0.1",
        "method": "DELETE",
        "url": "/api/catalog/entities/by-uid/1",
        "http_status": 204,
    }
    return Event(**{**usual, **given})
