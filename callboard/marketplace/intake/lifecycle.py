"""How a listing of the directory ages: from the day its newest version was published, and from nothing else.

Backstage's own rule counts from the day on which anything of the package changed, leaves a gap at exactly 365
days, and keeps the status of packages that are gone. Pure; who knows the days gives `PublishTimes`.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Literal, Protocol

Lifecycle = Literal["active", "inactive", "archived"]

ACTIVE_DAYS = 365
"""With a newest version this old or younger it is active."""
NOTICE_DAYS = 91
"""So long it is shown as inactive before it is archived: a quarter, the time between two audits."""


class Gone(Enum):
    """What is known of a package that does not exist, or does no longer."""

    GONE = "gone"


GONE = Gone.GONE
Known = date | Gone | None
"""When the newest version was published; GONE; or None while nobody looked."""


class PublishTimes(Protocol):
    """Knows when packages were published; the pipelines offer it."""

    def newest(self, ecosystem: str, name: str) -> Known: ...


class NoTimes:
    """Nobody looked yet."""

    def newest(self, ecosystem: str, name: str) -> Known:
        return None


def basis(newest: Known) -> dict[str, str]:
    """What the state of a listing was told by: `by` is publishing (with the day), missing or file."""
    if newest is None:
        return {"by": "file"}
    if isinstance(newest, Gone):
        return {"by": "missing"}
    return {"by": "publishing", "newest": newest.isoformat()}


def lifecycle(newest: Known, today: date, stated: Lifecycle | None = None) -> Lifecycle:
    """The state of a listing. `stated` is what its file says, which counts only while nobody looked.

    A listing whose package is gone is inactive: it is still found, with the package named as missing.
    """
    if newest is None:
        return stated or "active"
    if newest is GONE or isinstance(newest, Gone):
        return "inactive"
    age = (today - newest).days
    if age <= ACTIVE_DAYS:
        return "active"
    return "inactive" if age <= ACTIVE_DAYS + NOTICE_DAYS else "archived"
