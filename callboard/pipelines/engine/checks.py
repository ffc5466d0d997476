"""The checks of a model on one partition's rows. They read Arrow, so they are the same on each engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callboard.pipelines.declaration import Check, Model, NotAfter, NotNull, Range, Refers, RowChange
from callboard.pipelines.lake import CheckResult

Values = Callable[[Refers], pa.ChunkedArray | None]
EXAMPLES = 3


def check(
    model: Model, rows: pa.Table, day: date, before: tuple[date, int] | None, values: Values
) -> tuple[CheckResult, ...]:
    """How all checks come out. `rows` stand in the order of the keys; `values` reads what `Refers` names.

    `before` is the day of the partition before, and its number of rows.
    """
    results = [_keys(model, rows)]
    for one in model.checks:
        if isinstance(one, RowChange):
            results.append(_row_change(one, rows, before))
        else:
            results.append(_rows(one, rows, day, values))
    return tuple(results)


def stops(results: Sequence[CheckResult]) -> str | None:
    """Why the partition must not be shown; None when it may. A change of the row count only warns."""
    failed = [one.message for one in results if not one.passed and one.check != "row count"]
    return "; ".join(failed) or None


def _keys(model: Model, rows: pa.Table) -> CheckResult:
    name = f"unique {', '.join(model.keys)}"
    keys = [one for one in model.keys if one in rows.column_names and one != model.partition]
    if rows.num_rows < 2:
        return CheckResult(name, True)
    if not keys:
        return CheckResult(name, False, f"duplicated rows: {rows.num_rows} rows where one is expected")
    same: Any = None  # pyarrow has no types for arrays of a kind
    for key in keys:
        column = rows[key].combine_chunks()
        above, below = column.slice(0, len(column) - 1), column.slice(1)
        equal = pc.or_(
            pc.fill_null(pc.equal(above, below), False), pc.and_(pc.is_null(above), pc.is_null(below))
        )
        same = equal if same is None else pc.and_(same, equal)
    found = pc.sum(same).as_py() or 0
    if not found:
        return CheckResult(name, True)
    at = pc.indices_nonzero(same)[0].as_py()
    example = ", ".join(str(rows[key][at].as_py()) for key in keys)
    return CheckResult(name, False, f"duplicated rows: {found} repeat a key, such as {example}")


def _rows(one: Check, rows: pa.Table, day: date, values: Values) -> CheckResult:
    match one:
        case NotNull(columns):
            name = f"not null {', '.join(columns)}"
            empty = [
                f"`{column}` is null in {n} rows" for column in columns if (n := rows[column].null_count)
            ]
            return CheckResult(name, not empty, "; ".join(empty))
        case Range(column, least, most):
            return _range(rows[column], column, least, most)
        case NotAfter(column):
            end = datetime.combine(day + timedelta(days=1), time(), UTC)
            latest = pc.max(rows[column]).as_py()
            wrong = latest is not None and latest >= end
            message = f"`{column}` is {latest.isoformat()}, after the day {day}" if wrong else ""
            return CheckResult(f"{column} not after the day", not wrong, message)
        case Refers(column, layer, dataset):
            known = values(one)
            name = f"{column} in {layer}.{dataset}"
            if known is None:
                return CheckResult(name, False, f"{layer}.{dataset} has no {day}")
            strange = pc.invert(pc.is_in(rows[column], value_set=known.combine_chunks()))
            lost = pc.unique(rows[column].filter(strange)).to_pylist()
            said = ", ".join(str(value) for value in lost[:EXAMPLES])
            message = f"{len(lost)} values of `{column}` are not in {layer}.{dataset}, such as {said}"
            return CheckResult(name, not lost, message if lost else "")
    raise AssertionError(one)


def _range(column: pa.ChunkedArray, name: str, least: float | None, most: float | None) -> CheckResult:
    title = f"{name} from {_number(least)} to {_number(most)}"
    bounds = pc.min_max(column).as_py()
    low, high = bounds["min"], bounds["max"]
    if low is not None and least is not None and low < least:
        what = "negative" if least == 0 else f"below {_number(least)}"
        return CheckResult(title, False, f"`{name}` is {what}: {low}")
    if high is not None and most is not None and high > most:
        return CheckResult(title, False, f"`{name}` is above {_number(most)}: {high}")
    return CheckResult(title, True)


def _row_change(one: RowChange, rows: pa.Table, before: tuple[date, int] | None) -> CheckResult:
    if before is None or max(before[1], rows.num_rows) < one.from_rows:
        return CheckResult("row count", True)
    day, count = before
    change = rows.num_rows / count if count else float("inf")
    if one.least <= change <= one.most:
        return CheckResult("row count", True)
    return CheckResult("row count", False, f"{rows.num_rows} rows after {count} on {day}")


def _number(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"
