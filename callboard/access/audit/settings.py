"""The settings of the audit log, from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from callboard.access.audit.event import SEVERITIES, Severity
from callboard.core.config import Config
from callboard.core.errors import ConfigError

Level = Literal["debug", "info", "warning", "error"]
_DAY = 86_400.0
_LEVELS: dict[str, Level] = {
    "debug": "debug",
    "info": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
}
_USUAL: Mapping[Severity, Level] = {"low": "debug", "medium": "info", "high": "info", "critical": "info"}


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """`keep` is in seconds; `levels` are those at which an event is logged besides."""

    keep: float = 400 * _DAY
    levels: Mapping[Severity, Level] = field(default_factory=lambda: dict(_USUAL))


def read_audit(config: Config) -> AuditSettings:
    """`auditor.keep` (a duration) and Backstage's `backend.auditor.severityLogLevelMappings`."""
    keep = config.duration("auditor.keep", None)
    if keep is not None and keep.total_seconds() <= 0:
        raise ConfigError([config.problem("auditor.keep", "must be longer than nothing")])
    key = "backend.auditor.severityLogLevelMappings"
    levels = dict(_USUAL)
    for name in config.mapping(key, {}):
        level = _LEVELS.get(config.string(f"{key}.{name}", ""))
        severity = next((one for one in SEVERITIES if one == name), None)
        if severity is None or level is None:
            message = f"must give {', '.join(SEVERITIES)} one of the levels debug, info, warn, error"
            raise ConfigError([config.problem(f"{key}.{name}", message)])
        levels[severity] = level
    return AuditSettings(keep.total_seconds() if keep else 400 * _DAY, levels)
