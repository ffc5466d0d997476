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
ROW_COUNT = "row count"


def sound(model: Model, rows: pa.Table) -> frozenset[str]:
    """The checks that pass for each partition of a batch, found by one look at all its rows.

    `rows` stand in the order of the partitions and then of the keys.
    """
    passed = [_unique(model)] if not _repeated(rows, [*_keys(model, rows), model.partition]) else []
    for one in model.checks:
        # What these ask is the same for every partition.
        if isinstance(one, NotNull | Range) and _rows(one, rows, date.min, _nothing).passed:
            passed.append(_title(one))
    return frozenset(passed)


def check(
    model: Model,
    rows: pa.Table,
    day: date,
    before: tuple[date, int] | None,
    values: Values,
    *,
    known: frozenset[str] = frozenset(),
) -> tuple[CheckResult, ...]:
    """How all checks come out. `rows` stand in the order of the keys; `values` reads what `Refers` names.

    `before` is the day of the partition before, and its number of rows. `known` are checks that pass.
    """
    name = _unique(model)
    results = [CheckResult(name, True) if name in known else _repeats(model, rows)]
    for one in model.checks:
        if (name := _title(one)) in known:
            results.append(CheckResult(name, True))
        elif isinstance(one, RowChange):
            results.append(_row_change(one, rows, before))
        else:
            results.append(_rows(one, rows, day, values))
    return tuple(results)


def stops(results: Sequence[CheckResult]) -> str | None:
    """Why the partition must not be shown; None when it may. A change of the row count only warns."""
    failed = [one.message for one in results if not one.passed and one.check != ROW_COUNT]
    return "; ".join(failed) or None


def _unique(model: Model) -> str:
    return f"unique {', '.join(model.keys)}"


def _keys(model: Model, rows: pa.Table) -> list[str]:
    """The keys that tell the rows of a partition apart."""
    return [one for one in model.keys if one in rows.column_names and one != model.partition]


def _title(one: Check) -> str:
    match one:
        case NotNull(columns):
            return f"not null {', '.join(columns)}"
        case Range(column, least, most):
            return f"{column} from {_number(least)} to {_number(most)}"
        case NotAfter(column):
            return f"{column} not after the day"
        case Refers(column, layer, dataset):
            return f"{column} in {layer}.{dataset}"
        case RowChange():
            return ROW_COUNT


def _nothing(_: Refers) -> None:
    return None


def _repeats(model: Model, rows: pa.Table) -> CheckResult:
    name, keys = _unique(model), _keys(model, rows)
    if rows.num_rows < 2:
        return CheckResult(name, True)
    if not keys:
        return CheckResult(name, False, f"duplicated rows: {rows.num_rows} rows where one is expected")
    same = _repeated(rows, keys)
    if same is None:
        return CheckResult(name, True)
    at = pc.index(same, True).as_py()
    example = ", ".join(str(rows[key][at].as_py()) for key in keys)
    return CheckResult(
        name, False, f"duplicated rows: {pc.sum(same).as_py()} repeat a key, such as {example}"
    )


def _repeated(rows: pa.Table, keys: Sequence[str]) -> Any:  # pyarrow has no types for arrays of a kind
    """Whether each row but the first has the keys of the row before it; None when none has."""
    if rows.num_rows < 2:
        return None
    same: Any = None
    # Texts take longest to compare, and those of the last key are the same least often.
    finest_first = list(reversed(keys))
    for key in sorted(finest_first, key=lambda one: pa.types.is_string(rows.schema.field(one).type)):
        above, below = rows[key].slice(0, rows.num_rows - 1), rows[key].slice(1)
        equal = pc.equal(above, below)
        if rows[key].null_count:
            equal = pc.or_(pc.fill_null(equal, False), pc.and_(pc.is_null(above), pc.is_null(below)))
        same = equal if same is None else pc.and_(same, equal)
        if not pc.any(same).as_py():
            return None
    return same


def _rows(one: Check, rows: pa.Table, day: date, values: Values) -> CheckResult:
    title = _title(one)
    match one:
        case NotNull(columns):
            empty = [
                f"`{column}` is null in {n} rows" for column in columns if (n := rows[column].null_count)
            ]
            return CheckResult(title, not empty, "; ".join(empty))
        case Range(column, least, most):
            wrong = _out_of_range(rows[column], column, least, most)
            return CheckResult(title, not wrong, wrong)
        case NotAfter(column):
            end = datetime.combine(day + timedelta(days=1), time(), UTC)
            latest = pc.max(rows[column]).as_py()
            late = latest is not None and latest >= end
            message = f"`{column}` is {latest.isoformat()}, after the day {day}" if late else ""
            return CheckResult(title, not late, message)
        case Refers(column, layer, dataset):
            known = values(one)
            if known is None:
                return CheckResult(title, False, f"{layer}.{dataset} has no {day}")
            strange = pc.invert(pc.is_in(rows[column], value_set=known.combine_chunks()))
            lost = pc.unique(rows[column].filter(strange)).to_pylist()
            said = ", ".join(str(value) for value in lost[:EXAMPLES])
            message = f"{len(lost)} values of `{column}` are not in {layer}.{dataset}, such as {said}"
            return CheckResult(title, not lost, message if lost else "")
    raise AssertionError(one)


def _out_of_range(column: pa.ChunkedArray, name: str, least: float | None, most: float | None) -> str:
    """What is wrong; empty when nothing is."""
    bounds = pc.min_max(column).as_py()
    low, high = bounds["min"], bounds["max"]
    if low is not None and least is not None and low < least:
        return f"`{name}` is {'negative' if least == 0 else f'below {_number(least)}'}: {low}"
    if high is not None and most is not None and high > most:
        return f"`{name}` is above {_number(most)}: {high}"
    return ""


def _row_change(one: RowChange, rows: pa.Table, before: tuple[date, int] | None) -> CheckResult:
    if before is None or max(before[1], rows.num_rows) < one.from_rows:
        return CheckResult(ROW_COUNT, True)
    day, count = before
    change = rows.num_rows / count if count else float("inf")
    if one.least <= change <= one.most:
        return CheckResult(ROW_COUNT, True)
    return CheckResult(ROW_COUNT, False, f"{rows.num_rows} rows after {count} on {day}")


def _number(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"
