"""Writes partitions in the background, while the engine makes the rows of the next ones."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import structlog

from callboard.pipelines.declaration import Model
from callboard.pipelines.engine.attempts import said, with_retries
from callboard.pipelines.engine.make import Made
from callboard.pipelines.engine.plan import Blocked, Dataset
from callboard.pipelines.lake import Lake, Partition

log = structlog.get_logger(__name__)
WRITERS = 8  # the disk confirms several at once


@dataclass(frozen=True, slots=True)
class Written:
    """A batch whose writes have ended, each as a partition or as why it could not be written.

    Times in seconds since 1970; `started_at` is when its rows began to be made.
    """

    model: Model
    parts: tuple[Partition | Blocked, ...]
    started_at: float
    finished_at: float


@dataclass(frozen=True, slots=True)
class _Batch:
    model: Model
    rows: int
    started_at: float
    parts: tuple[Future[tuple[Partition | Blocked, float]], ...]

    def wait(self) -> Written:
        ended = [one.result() for one in self.parts]
        finished_at = max((at for _, at in ended), default=time.time())
        return Written(self.model, tuple(part for part, _ in ended), self.started_at, finished_at)


class Writing:
    """A context; leaving it waits for all writes. One thread puts batches in, and asks for what ended."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="lake")
        self._batches: deque[_Batch] = deque()

    def __enter__(self) -> Writing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def put(self, model: Model, made: Sequence[Made], started_at: float) -> None:
        """Begin to write a batch."""
        parts = tuple(self._pool.submit(self._write, model, one) for one in made)
        self._batches.append(_Batch(model, sum(one.rows.num_rows for one in made), started_at, parts))

    def down_to(self, rows: int) -> Iterator[Written]:
        """Wait for the oldest batches until no more than `rows` rows are left to be written."""
        while self._batches and sum(one.rows for one in self._batches) > rows:
            yield self._batches.popleft().wait()

    def of(self, datasets: Collection[Dataset]) -> Iterator[Written]:
        """Wait for all batches up to the last one of these datasets."""
        while any(one.model.dataset in datasets for one in self._batches):
            yield self._batches.popleft().wait()

    def all(self) -> Iterator[Written]:
        """Wait for every batch."""
        while self._batches:
            yield self._batches.popleft().wait()

    def _write(self, model: Model, made: Made) -> tuple[Partition | Blocked, float]:
        try:
            found: Partition | Blocked = with_retries(lambda: self._written(model, made))
        except Exception as error:  # whatever storage raises must be shown at the partition
            day = made.target.day
            log.warning("a partition could not be written", dataset=model.name, day=str(day), exc_info=True)
            found = Blocked(day, said(error))
        return found, time.time()

    def _written(self, model: Model, made: Made) -> Partition:
        return self._lake.write(
            model.layer,
            model.name,
            made.target.day,
            made.rows,
            in_order=True,
            made_from=made.target.made_from,
            checks=made.checks,
        )
