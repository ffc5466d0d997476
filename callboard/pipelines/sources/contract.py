"""What a source is, what it is given, and what it tells of its work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from callboard.pipelines.lake import Lake

if TYPE_CHECKING:
    from callboard.catalog.query import Queries
    from callboard.core.database import Database
    from callboard.pipelines.sources.client import Client
    from callboard.pipelines.sources.state import State

FIRST_DAY = date(2015, 1, 10)
"""Before it npm counted nothing."""


class SourceError(Exception):
    """Something could not be read: the message says what, `url` and `field` where."""

    def __init__(self, message: str, url: str = "", field: str = "") -> None:
        self.message, self.url, self.field = message, url, field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Problem:
    """What one source could not read. It stops nothing else."""

    source: str
    message: str
    url: str = ""
    field: str = ""

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.url, self.field and f"field {self.field}") if part)
        return f"{self.source}: {self.message}" + (f" ({place})" if place else "")


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package of a listing. `ecosystem` is npm or pypi."""

    ecosystem: str
    name: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """What listings name: whom sources ask about. References and URLs are in lower case."""

    packages: tuple[Package, ...] = ()
    repositories: tuple[str, ...] = ()

    def of(self, ecosystem: str) -> list[str]:
        return [one.name for one in self.packages if one.ecosystem == ecosystem]


@dataclass(slots=True)
class Outcome:
    """What one source did: rows by dataset, the days they are about, and what went wrong."""

    source: str
    rows: dict[str, int] = field(default_factory=dict)
    days: set[tuple[str, date]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    asked: int = 0
    unchanged: int = 0
    seconds: float = 0.0

    def wrote(self, dataset: str, day: date, rows: int) -> None:
        self.rows[dataset] = self.rows.get(dataset, 0) + rows
        self.days.add((dataset, day))

    def failed(self, message: str, url: str = "", field: str = "") -> None:
        self.problems.append(Problem(self.source, message, url, field))


@dataclass(slots=True)
class Work:
    """One collection. `since` and `until` ask for certain days again; None is what is new.

    `queries` and `database` are None where no catalog runs, such as on a command line.
    """

    lake: Lake
    client: Client
    state: State
    now: datetime
    queries: Queries | None = None
    database: Database | None = None
    since: date | None = None
    until: date | None = None
    shelf: Shelf = Shelf()

    @property
    def today(self) -> date:
        return self.now.astimezone(UTC).date()

    @property
    def yesterday(self) -> date:
        """The last day that is over."""
        return self.today - timedelta(days=1)


class Source(Protocol):
    """`datasets` are the raw datasets it writes. `collect` notes what one item lacks and goes on.

    What it raises ends this source for this time, and no other.
    """

    name: str
    datasets: Sequence[str]

    async def collect(self, work: Work, outcome: Outcome) -> None: ...
