"""What speaks against installing a version, said with the plan before anything is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Notice:
    """One reason. Pages have words for the `kind`; `text` is what is said, `url` where there is more."""

    kind: Literal["yanked", "deprecated", "taken-down", "vulnerable", "unread"]
    text: str
    url: str = ""
