"""Writes down runs and their steps, and lets one process at a time run a lake."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import ColumnElement, ScalarSelect, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.database import Database
from callboard.core.errors import ConflictError, NotFoundError
from callboard.core.migrations import Migrations
from callboard.pipelines.runs.holder import is_dead
from callboard.pipelines.runs.tables import leases, runs, steps

if TYPE_CHECKING:
    from callboard.pipelines.engine import StepReport

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_pipeline_runs")
KEPT = 500  # runs


@dataclass(frozen=True, slots=True)
class Run:
    """A run. `status` is running, finished, failed, stopped or interrupted; times in seconds since 1970.

    A run that finished may have `problems`: partitions that could not be made, while all others were.
    """

    id: str
    lake: str
    trigger: str
    engine: str
    since: str | None
    until: str | None
    holder: str
    status: str
    started_at: float
    finished_at: float | None = None
    made: int = 0
    rows: int = 0
    problems: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A batch of partitions that was made, or a partition that was not; `error` says why."""

    number: int
    layer: str
    dataset: str
    status: str
    first: str
    last: str
    partitions: int
    rows: int
    started_at: float
    finished_at: float
    error: str | None
    warnings: tuple[str, ...]


class RunStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(MIGRATIONS)

    async def begin(self, run: Run, lease: float) -> None:
        """Enter a run and hold its lake for `lease` seconds; raises ConflictError while another runs it.

        Whoever held the lake and is dead or late is taken to be interrupted.
        """
        own = leases.c.lake == run.lake
        until = time.time() + lease

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(
                self._database.insert_for(leases)
                .values(lake=run.lake, holder="", run="", until=0.0)
                .on_conflict_do_nothing()
            )
            held = (await rows.execute(select(leases).where(own).with_for_update())).one()
            if held.holder and held.until > time.time() and not is_dead(held.holder):
                raise ConflictError(f"The run {held.run} of this lake is under way; try again when it ended")
            unfinished = (runs.c.lake == run.lake, runs.c.status == "running")
            gone = {"status": "interrupted", "finished_at": time.time()}
            await rows.execute(update(runs).where(*unfinished).values(**gone))
            taken = {"holder": run.holder, "run": run.id, "until": until}
            await rows.execute(update(leases).where(own).values(**taken))
            await rows.execute(insert(runs).values(**asdict(run)))

        await self._database.write(work)

    async def renew(self, run: Run, lease: float) -> bool:
        """Hold the lake for another `lease` seconds; False when somebody else took it meanwhile."""
        own = (leases.c.lake == run.lake, leases.c.run == run.id)

        async def work(rows: AsyncConnection) -> bool:
            change = update(leases).where(*own).values(until=time.time() + lease)
            return bool((await rows.execute(change)).rowcount)

        return await self._database.write(work)

    async def finish(self, run: Run, **values: Any) -> Run:  # columns of the table
        """Write down how a run ended, and let the lake go."""
        values = {"finished_at": time.time(), **values}

        async def work(rows: AsyncConnection) -> None:
            running = (runs.c.id == run.id, runs.c.status == "running")
            await rows.execute(update(runs).where(*running).values(**values))
            await rows.execute(delete(leases).where(leases.c.lake == run.lake, leases.c.run == run.id))
            await self._forget(rows)

        await self._database.write(work)
        return await self.run(run.id)

    async def add(self, run: Run, first: int, reports: Sequence[StepReport]) -> None:
        """Write down steps, which are numbered from `first`. What is written already stays as it is.

        Whoever was interrupted does not know what was written, and says it again.
        """
        found = [
            {
                **asdict(one),
                "run": run.id,
                "number": number,
                "first": str(one.first),
                "last": str(one.last),
                "warnings": orjson.dumps(one.warnings).decode(),
            }
            for number, one in enumerate(reports, first)
        ]
        written = self._database.insert_for(steps).on_conflict_do_nothing()
        made = steps.c.status == "made"
        counted = {
            "made": _over(run, func.coalesce(func.sum(case((made, steps.c.partitions), else_=0)), 0)),
            "rows": _over(run, func.coalesce(func.sum(steps.c.rows), 0)),
            "problems": _over(run, func.coalesce(func.sum(case((made, 0), else_=1)), 0)),
        }

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(written, found)
            await rows.execute(update(runs).where(runs.c.id == run.id).values(**counted))

        if found:
            await self._database.write(work)

    async def runs(self, limit: int = 50, lake: str | None = None) -> list[Run]:
        """The newest runs, the newest first."""
        query = select(runs).order_by(runs.c.started_at.desc(), runs.c.id).limit(limit)
        if lake is not None:
            query = query.where(runs.c.lake == lake)
        async with self._database.read() as rows:
            return [Run(**row) for row in (await rows.execute(query)).mappings()]

    async def run(self, ident: str) -> Run:
        """A run; raises NotFoundError."""
        async with self._database.read() as rows:
            row = (await rows.execute(select(runs).where(runs.c.id == ident))).mappings().first()
        if row is None:
            raise NotFoundError(f"There is no run {ident}")
        return Run(**row)

    async def steps(self, ident: str) -> list[Step]:
        """The steps of a run, in order."""
        query = select(steps).where(steps.c.run == ident).order_by(steps.c.number)
        async with self._database.read() as rows:
            return [_step(row) for row in (await rows.execute(query)).mappings()]

    async def problems(self, lake: str) -> dict[tuple[str, str], list[Step]]:
        """What did not work in the newest run that ended, by layer and dataset."""
        ended = [one for one in await self.runs(20, lake) if one.status == "finished"]
        found: dict[tuple[str, str], list[Step]] = {}
        for step in await self.steps(ended[0].id) if ended else ():
            if step.status != "made":
                found.setdefault((step.layer, step.dataset), []).append(step)
        return found

    @staticmethod
    async def _forget(rows: AsyncConnection) -> None:
        """Only the newest runs are kept."""
        oldest = select(runs.c.started_at).order_by(runs.c.started_at.desc()).offset(KEPT).limit(1)
        at = (await rows.execute(oldest)).scalar()
        if at is not None:
            old = select(runs.c.id).where(runs.c.started_at <= at, runs.c.status != "running")
            await rows.execute(delete(steps).where(steps.c.run.in_(old)))
            await rows.execute(delete(runs).where(runs.c.started_at <= at, runs.c.status != "running"))


def _step(row: Any) -> Step:  # SQLAlchemy's row
    values = {key: value for key, value in row.items() if key != "run"}
    return Step(**values | {"warnings": tuple(orjson.loads(row["warnings"] or "[]"))})


def _over(run: Run, value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """A number of all steps of a run, of whatever type `value` is."""
    return select(value).where(steps.c.run == run.id).scalar_subquery()
