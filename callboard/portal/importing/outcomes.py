"""A preview as the page shows it: what needs attention first, and what may be done next. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.catalog.preview import Outcome, Preview, PreviewEntity
from callboard.portal.importing.excerpt import Line, excerpt

ORDER: tuple[Outcome, ...] = ("refuse", "conflict", "change", "add", "same")
SHOWN = 200
"""Documents listed of each outcome; beyond that their number says enough."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem, and the lines around it where the text is at hand."""

    problem: Mapping[str, Any]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Row:
    """One document. `partly`: it is taken in although something in it is wrong."""

    entity: PreviewEntity
    mistakes: list[Mistake]

    @property
    def partly(self) -> bool:
        return bool(self.mistakes) and self.entity.outcome not in ("refuse", "conflict")


@dataclass(frozen=True, slots=True)
class Group:
    """The documents of one outcome, at most `SHOWN` of `total`."""

    outcome: Outcome
    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. `mistakes` are those of the whole; `location` is registered already."""

    groups: list[Group]
    mistakes: list[Mistake]
    counts: dict[Outcome, int]
    location: Mapping[str, Any] | None

    @property
    def documents(self) -> int:
        return sum(self.counts.values())

    @property
    def wrong(self) -> int:
        """How many documents and other things somebody has to mend."""
        partly = sum(1 for group in self.groups for row in group.rows if row.partly)
        return self.counts["refuse"] + self.counts["conflict"] + partly + len(self.mistakes)

    @property
    def brings(self) -> int:
        """How many entities would be new or different."""
        return self.counts["add"] + self.counts["change"]

    @property
    def registrable(self) -> bool:
        return self.brings > 0 and self.location is None


def check(preview: Preview, text: str | None = None) -> Check:
    """`text` is what was pasted; problems are then shown in it."""
    lines = [] if text is None else text.split("\n")

    def mistakes(problems: Sequence[Mapping[str, Any]]) -> list[Mistake]:
        # Several mistakes of one line show it once, below the last of them.
        following = [*(problem.get("line") for problem in problems[1:]), None]
        return [
            Mistake(problem, [] if problem.get("line") == after else excerpt(lines, problem))
            for problem, after in zip(problems, following, strict=False)
        ]

    groups = []
    for outcome in ORDER:
        of_it = [one for one in preview.entities if one.outcome == outcome]
        if of_it:
            rows = [Row(one, mistakes(one.problems)) for one in of_it[:SHOWN]]
            groups.append(Group(outcome, rows, len(of_it)))
    counts = {outcome: preview.count(outcome) for outcome in ORDER}
    return Check(groups, mistakes(preview.problems), counts, preview.location)
