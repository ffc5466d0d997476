"""What somebody wants run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is to be made. `again` makes what is not stale as well.

    `only` names models; all that read what they make are made with them.
    `today` is for tests; it is the day by the clock otherwise.
    """

    trigger: Literal["run", "backfill", "schedule"] = "run"
    since: date | None = None
    until: date | None = None
    again: bool = False
    only: tuple[str, ...] = ()
    today: date | None = None
