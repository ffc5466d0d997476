"""One thing that a check found, in words that its publisher can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "info"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """An `error` keeps a submission from review, a `warning` is for the reviewer to weigh.

    `field` is what it is about: a field of the listing, or a file of the wheel.
    """

    level: Level
    code: str
    message: str
    field: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level, "code": self.code, "message": self.message, "field": self.field}

    @staticmethod
    def of(value: Mapping[str, Any]) -> Finding:
        """What `as_json` made (JSON, hence Any)."""
        return Finding(value["level"], value["code"], value["message"], value.get("field", ""))


def error(code: str, message: str, field: str = "") -> Finding:
    return Finding("error", code, message, field)


def warning(code: str, message: str, field: str = "") -> Finding:
    return Finding("warning", code, message, field)


def info(code: str, message: str, field: str = "") -> Finding:
    return Finding("info", code, message, field)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda one: LEVELS.index(one.level)))


def passes(findings: Iterable[Finding]) -> bool:
    """Whether a reviewer needs to look at it at all."""
    return not any(one.level == "error" for one in findings)
