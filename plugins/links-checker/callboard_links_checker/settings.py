"""How often and how patiently links are checked, and which are left alone."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field

HOUR = 3600.0


class Settings(BaseModel):
    """The part `linksChecker` of app-config.yaml."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    interval_hours: float = Field(
        24, alias="intervalHours", gt=0, le=24 * 365, description="Hours between two checks of a link"
    )
    timeout_seconds: float = Field(
        10, alias="timeoutSeconds", gt=0, le=30, description="How long a host may take to answer"
    )
    concurrency: int = Field(8, ge=1, le=64, description="How many links are checked at the same time")
    attempts: int = Field(2, ge=1, le=3, description="How often a host that fails is asked in one check")
    ignore: list[str] = Field(
        default_factory=list, description="Links that are not checked, as patterns with * for any text"
    )

    @property
    def interval(self) -> float:
        """Seconds between two checks."""
        return self.interval_hours * HOUR

    def ignores(self, url: str) -> bool:
        """Whether a pattern fits the whole URL, in any case."""
        return any(fnmatchcase(url.lower(), pattern.lower()) for pattern in self.ignore)
