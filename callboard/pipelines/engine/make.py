"""A batch of partitions: one expression for all of them, its rows taken apart by day, checked and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from callboard.pipelines.declaration import Given, Model, Newest, Refers
from callboard.pipelines.engine.backends import Backend
from callboard.pipelines.engine.checks import check, sound, stops
from callboard.pipelines.engine.plan import Blocked, Dataset, Target
from callboard.pipelines.lake import CheckResult, Lake

Values = Callable[[Refers, date], pa.ChunkedArray | None]


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of a partition that passed its checks."""

    target: Target
    rows: pa.Table
    checks: tuple[CheckResult, ...]


def make(
    model: Model,
    batch: Sequence[Target],
    backend: Backend,
    lake: Lake,
    schemas: Mapping[Dataset, pa.Schema],
    *,
    before: tuple[date, int] | None,
    values: Values,
) -> list[Made | Blocked]:
    """The rows of each partition of the batch, or why it must not be shown."""
    given = Given(_tables(model, schemas, batch, backend, lake), tuple(one.day for one in batch))
    whole = backend.rows(_sorted(model, model.expression(given)))
    by_day = _by_day(model, whole)
    if strange := set(by_day) - {one.day for one in batch}:
        raise ValueError(f"rows of {min(strange)} came out, which was not asked for")
    known = sound(model, whole)
    result: list[Made | Blocked] = []
    for target in batch:
        rows = by_day.get(target.day, model.schema.empty_table())
        day = target.day
        checks = check(model, rows, day, before, partial(_of_day, values, day), known=known)
        wrong = stops(checks)
        result.append(Blocked(day, wrong) if wrong else Made(target, rows, checks))
        if not wrong:
            before = day, rows.num_rows
    return result


def _of_day(values: Values, day: date, one: Refers) -> pa.ChunkedArray | None:
    return values(one, day)


def _tables(
    model: Model,
    schemas: Mapping[Dataset, pa.Schema],
    batch: Sequence[Target],
    backend: Backend,
    lake: Lake,
) -> dict[str, ir.Table]:
    tables = {}
    for one in model.inputs:
        partitions = {(part.day, part.hash): part for target in batch for part in target.inputs[one.dataset]}
        if isinstance(one.window, Newest):
            partitions = dict(list(partitions.items())[:1])
        paths = [path for _, part in sorted(partitions.items()) for path in lake.paths(part)]
        schema = schemas[one.layer, one.dataset]
        tables[one.dataset] = backend.table(f"{one.layer}_{one.dataset}", paths, schema)
    return tables


def _sorted(model: Model, rows: ir.Table) -> ir.Table:
    columns = list(dict.fromkeys([model.partition, *model.schema.names]))
    order = list(dict.fromkeys([model.partition, *model.keys]))
    chosen: ir.Table = rows.select(columns).order_by(order)
    return chosen


def _by_day(model: Model, rows: pa.Table) -> dict[date, pa.Table]:
    """The rows of each day, which stand together."""
    days = rows[model.partition].cast(pa.date32()).combine_chunks()
    typed = rows.select(model.schema.names).cast(model.schema)
    runs = pc.run_end_encode(days)
    result: dict[date, pa.Table] = {}
    start = 0
    for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        if day is None or day in result:
            raise ValueError(f"`{model.partition}` is null" if day is None else "rows are not in order")
        result[day] = typed.slice(start, end - start)
        start = end
    return result
