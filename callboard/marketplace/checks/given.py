"""What the checks are given, and what they tell: data that costs nothing to load, unlike the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callboard.marketplace.checks.declared import Declared
from callboard.marketplace.checks.findings import Finding, passes
from callboard.marketplace.checks.osv import NOTHING_KNOWN, OsvDatabase
from callboard.marketplace.checks.pictures import Picture
from callboard.plugins.install.wheel import Wheel


@dataclass(frozen=True, slots=True)
class Taken:
    """A name in use, with what it is used for, and by whom."""

    name: str
    title: str
    publisher: str
    distribution: str = ""


@dataclass(frozen=True, slots=True)
class TakenPublisher:
    """A publisher that is there already. `how` says where: in words that go on after its title."""

    name: str
    title: str
    how: str

    def __str__(self) -> str:
        return f'"{self.title}" ({self.name}), {self.how}'


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was sent. `filename` is that of the wheel, `changelog` is Markdown."""

    filename: str
    content: bytes
    declared: Declared
    pictures: Sequence[Picture] = ()
    changelog: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already. `own` are the packages that Callboard runs with, `approved` the needs that
    reviewers have seen of this listing, None for a new one."""

    publisher: str
    taken: Sequence[Taken] = ()
    releases: frozenset[tuple[str, str]] = frozenset()
    """Distribution and version of what was released."""
    own: Mapping[str, str] = field(default_factory=dict)
    osv: OsvDatabase = NOTHING_KNOWN
    max_wheel: int = 20 * 1024 * 1024
    approved: frozenset[str] | None = None
    own_distribution: str = ""
    """What the listing released before; it cannot become another package."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`wheel` is None where it could not even be read. `readme` is Markdown, as its author wrote it."""

    findings: tuple[Finding, ...]
    wheel: Wheel | None = None
    readme: str = ""
    requires_python: str = ""

    @property
    def passed(self) -> bool:
        return passes(self.findings)
