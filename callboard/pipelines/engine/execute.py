"""Runs models over a lake: what is stale, in order, in batches; what is wrong stops only its own partitions.

Nothing is remembered but in the lake: a partition's manifest says what it was made from. So a run that was
killed goes on where it stood by being run again, and a second run finds nothing to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import pyarrow as pa
import structlog

from callboard.pipelines.declaration import Model, Refers
from callboard.pipelines.engine.attempts import said, with_retries
from callboard.pipelines.engine.backends import Backend
from callboard.pipelines.engine.footers import lying
from callboard.pipelines.engine.make import Made, make
from callboard.pipelines.engine.order import downstream, in_order
from callboard.pipelines.engine.plan import Blocked, Dataset, Known, Target, plan
from callboard.pipelines.engine.writing import Writing, Written
from callboard.pipelines.lake import Lake, Partition
from callboard.pipelines.records import RAW

log = structlog.get_logger(__name__)
BATCH = 4_000_000  # rows that one statement reads, so that its answer fits in memory
Status = Literal["made", "blocked", "failed"]


@dataclass(frozen=True, slots=True)
class StepReport:
    """A batch of partitions of one model that was made, or one partition that was not, and why.

    `warnings` are of checks that stop nothing.
    """

    layer: str
    dataset: str
    status: Status
    first: date
    last: date
    partitions: int
    rows: int
    started_at: float
    finished_at: float
    error: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. `stopped`: it was told to stop before it was through."""

    made: int
    rows: int
    problems: tuple[StepReport, ...]
    stopped: bool = False


class _Stopped(Exception):  # noqa: N818 - no error: it was wished
    """Whoever runs this asked it to stop."""


def execute(
    lake: Lake,
    backend: Backend,
    models: Iterable[Model],
    *,
    today: date,
    since: date | None = None,
    until: date | None = None,
    again: bool = False,
    only: Iterable[str] = (),
    report: Callable[[StepReport], None] = lambda _: None,
    go_on: Callable[[], bool] = lambda: True,
) -> Outcome:
    """Make the stale partitions of `models`; from `since` to `until` only, and all of them with `again`.

    `only` names models that are made, with all that read them; those that they read stay as they are.
    `report` is told of each step when it has ended; `go_on` is asked between two.
    """
    stopped = False
    with Writing(lake) as writing:
        run = Execution(lake, backend, writing, in_order(models), today, report, go_on)
        try:
            for model in downstream(run.models, only) if only else run.models:
                run.make_stale(model, since, until, again=again)
        except _Stopped:
            stopped = True
        run.finish()
    return Outcome(run.made, run.rows, tuple(run.problems), stopped)


@dataclass
class Execution:
    """One run: what it knows of the lake, and what it has done."""

    lake: Lake
    backend: Backend
    writing: Writing
    models: Sequence[Model]
    today: date
    report: Callable[[StepReport], None]
    go_on: Callable[[], bool]
    partitions: dict[Dataset, dict[date, Partition]] = field(default_factory=dict)
    counts: dict[Dataset, dict[date, int]] = field(default_factory=dict)
    """Rows of the partitions that were made, with those that are still being written."""
    failed: dict[Dataset, dict[date, str]] = field(default_factory=dict)
    problems: list[StepReport] = field(default_factory=list)
    made: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        self.schemas: dict[Dataset, pa.Schema] = {("raw", name): schema for name, schema in RAW.items()}
        self.schemas |= {one.dataset: one.schema for one in self.models}

    def make_stale(self, model: Model, since: date | None, until: date | None, *, again: bool) -> None:
        """Make what is stale of one model, whose inputs were made before."""
        reads = {(one.layer, one.dataset) for one in model.inputs}
        reads |= {(one.layer, one.dataset) for one in model.checks if isinstance(one, Refers)}
        self._settle(self.writing.of(reads))
        for dataset in (*reads, model.dataset):
            self._look_at(dataset)
        self.counts[model.dataset] = {day: one.rows for day, one in self.partitions[model.dataset].items()}
        known = Known(self.partitions, self.failed, self.schemas, self.today)
        targets, blocked = plan(model, known, since, until, again=again)
        for one in blocked:
            self._problem(model, one, "blocked")
        wrong = lying(self.lake, targets)
        for one in wrong:
            self._problem(model, one, "blocked")
        days = {one.day for one in wrong}
        for batch in _batches(model, [one for one in targets if one.day not in days]):
            self._make(model, batch)

    def finish(self) -> None:
        """Wait until all that was made is written."""
        self._settle(self.writing.all())

    def _look_at(self, dataset: Dataset) -> None:
        if dataset not in self.partitions:
            found = self.lake.partitions(*dataset)
            self.partitions[dataset] = {one.day: one for one in found}

    def _make(self, model: Model, batch: Sequence[Target]) -> None:
        """Make a batch; when that raises, its halves, so that one bad partition stops no other."""
        if not self.go_on():
            raise _Stopped
        started = time.time()
        try:
            made = with_retries(lambda: self._made(model, batch))
        except Exception as error:  # whatever an engine raises must be shown at the partition
            if len(batch) > 1:
                middle = len(batch) // 2
                self._make(model, batch[:middle])
                self._make(model, batch[middle:])
                return
            log.warning(
                "a partition could not be made", dataset=model.name, day=str(batch[0].day), exc_info=True
            )
            self._problem(model, Blocked(batch[0].day, said(error)), "failed", started)
            return
        good = [one for one in made if isinstance(one, Made)]
        for one in made:
            if isinstance(one, Blocked):
                self._problem(model, one, "failed", started)
        if good:
            # What waits to be written must fit in memory, too.
            rows = sum(one.rows.num_rows for one in good)
            self._settle(self.writing.down_to(max(0, BATCH - rows)))
            self.counts[model.dataset] |= {one.target.day: one.rows.num_rows for one in good}
            self.writing.put(model, good, started)

    def _made(self, model: Model, batch: Sequence[Target]) -> list[Made | Blocked]:
        before = self._before(model, batch[0].day)
        return make(model, batch, self.backend, self.lake, self.schemas, before=before, values=self._values)

    def _before(self, model: Model, day: date) -> tuple[date, int] | None:
        counts = self.counts[model.dataset]
        newest = max((one for one in counts if one < day), default=None)
        return (newest, counts[newest]) if newest else None

    def _values(self, one: Refers, day: date) -> pa.ChunkedArray | None:
        table = self.lake.read(one.layer, one.dataset, day, day)
        return None if table is None else table[one.column]

    def _settle(self, ended: Iterable[Written]) -> None:
        """Take note of what was written meanwhile."""
        for batch in ended:
            good = [one for one in batch.parts if isinstance(one, Partition)]
            if good:
                self._done(batch, good)
            for part in batch.parts:
                if isinstance(part, Blocked):
                    self._problem(batch.model, part, "failed", batch.started_at)

    def _done(self, batch: Written, good: Sequence[Partition]) -> None:
        dataset = batch.model.dataset
        self.partitions[dataset] |= {one.day: one for one in good}
        rows = sum(one.rows for one in good)
        self.made += len(good)
        self.rows += rows
        days = [one.day for one in good]
        warnings = tuple(
            f"{one.day}: {check.message}" for one in good for check in one.checks if not check.passed
        )
        self.report(
            StepReport(
                *dataset, "made", min(days), max(days), len(good), rows, batch.started_at, batch.finished_at,
                warnings=warnings,
            )
        )  # fmt: skip

    def _problem(self, model: Model, one: Blocked, status: Status, started: float | None = None) -> None:
        self.failed.setdefault(model.dataset, {})[one.day] = one.reason
        now = time.time()
        step = StepReport(
            *model.dataset, status, one.day, one.day, 1, 0, started or now, now, error=one.reason
        )
        self.problems.append(step)
        self.report(step)


def _batches(model: Model, targets: Sequence[Target]) -> Iterator[list[Target]]:
    batch: list[Target] = []
    rows = 0
    for target in targets:
        if batch and (model.day_by_day or rows + target.rows > BATCH):
            yield batch
            batch, rows = [], 0
        batch.append(target)
        rows += target.rows
    if batch:
        yield batch
