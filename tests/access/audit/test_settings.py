"""The settings of the audit log, and the lines it logs."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from callboard.access.audit import Audit, AuditSettings, read_audit
from callboard.core.database import Database
from callboard.core.errors import ConfigError
from tests.access.audit.events import event
from tests.access.edge.configs import config_of


def test_events_are_kept_for_400_days_and_low_ones_logged_at_debug() -> None:
    settings = read_audit(config_of())
    assert settings == AuditSettings()
    assert settings.keep == 400 * 86_400
    assert settings.levels == {"low": "debug", "medium": "info", "high": "info", "critical": "info"}


def test_both_can_be_changed() -> None:
    levels = {"severityLogLevelMappings": {"low": "info", "critical": "warn"}}
    settings = read_audit(config_of(auditor__keep={"days": 30}, backend__auditor=levels))
    assert settings.keep == 30 * 86_400
    assert settings.levels == {"low": "info", "medium": "info", "high": "info", "critical": "warning"}


@pytest.mark.parametrize(
    "keys",
    [
        {"auditor__keep": "P0D"},
        {"auditor__keep": "for ever"},
        {"backend__auditor": {"severityLogLevelMappings": {"low": "loud"}}},
        {"backend__auditor": {"severityLogLevelMappings": {"lowest": "info"}}},
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(keys: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="auditor"):
        read_audit(config_of(**keys))


async def test_each_event_is_a_log_line_tagged_as_one(database_url: str) -> None:
    audit = Audit(Database(database_url))
    with structlog.testing.capture_logs() as lines:
        audit.refused(event(status="failed", severity="medium", http_status=403, error="NotAllowedError"))
        audit.later(event())
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("info", "catalog.entity-delete"),
        ("debug", "catalog.entity-delete"),
    ]
    assert lines[0]["isAuditEvent"] is True
    assert lines[0]["actor"]["actorId"] == "user:default/jane"
    assert lines[0]["request"] == {"method": "DELETE", "url": "/api/catalog/entities/by-uid/1"}
    assert lines[0]["response"] == {"statusCode": 403}
    await audit.store.migrate()
    await audit.stop()
