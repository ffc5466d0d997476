"""What a model is, as data: an Ibis expression, and everything that people and the engine know about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from typing import Literal

import ibis.expr.types as ir
import pyarrow as pa

Layer = Literal["staged", "marts"]


@dataclass(frozen=True, slots=True)
class Same:
    """The partition of the same day. `gapless`: a day that others surround must not be missing."""

    gapless: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """The seven days from the partition's Monday; the week is made when all are there."""


@dataclass(frozen=True, slots=True)
class Last:
    """The partitions of the last `days`, the partition's own day included, as far as there are any."""

    days: int


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest partition among those of the last `days`."""

    days: int


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest partition there is, whatever day is made: the state of today, applied to all days."""


Window = Same | Week | Last | Latest | Newest


@dataclass(frozen=True, slots=True)
class Input:
    """A dataset that a model reads, and which days of it. The first input of a model gives its days."""

    layer: Literal["raw", "staged", "marts"]
    dataset: str
    window: Window = Same()


@dataclass(frozen=True, slots=True)
class NotNull:
    """These columns hold a value in every row."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The values of a column, where there are any, lie in `least` to `most`."""

    column: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class NotAfter:
    """The times of a column lie before the end of the partition's day (and so not in the future)."""

    column: str


@dataclass(frozen=True, slots=True)
class Refers:
    """Each value of `column` is in the column of that name in the same day's partition of `dataset`."""

    column: str
    layer: Layer
    dataset: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """The rows are between `least` and `most` times those of the partition before; it only warns.

    A few rows say nothing, so it looks only where one of both has `from_rows`.
    """

    least: float = 0.5
    most: float = 2.0
    from_rows: int = 100


Check = NotNull | Range | NotAfter | Refers | RowChange


@dataclass(frozen=True, slots=True)
class Given:
    """What an expression works on: its inputs by name, and the days that are made.

    A model that is made day by day is given one day, and the partitions of its windows. Others are given the
    partitions of all their days together, and must give rows of these days only.
    """

    tables: Mapping[str, ir.Table]
    days: tuple[date, ...]

    @property
    def day(self) -> date:
        """The one day of a model that is made day by day."""
        (day,) = self.days
        return day

    def __getitem__(self, dataset: str) -> ir.Table:
        return self.tables[dataset]


@dataclass(frozen=True, slots=True)
class Model:
    """`schema` is what comes out; `keys` identify a row within a partition, and rows stand in their order.

    `partition` is the column that says to which partition a row belongs. When all windows are `Same`, `Week`
    or `Newest`, many days are made by one statement; else each day by its own, unless the expression says
    with `at_once` that it keeps the windows of many days apart.
    `freshness` is how old the newest partition may be before people should ask the owner.
    """

    name: str
    layer: Layer
    expression: Callable[[Given], ir.Table]
    schema: pa.Schema
    keys: tuple[str, ...]
    inputs: tuple[Input, ...]
    _: KW_ONLY
    grain: str
    description: str
    owner: str = "group:default/data"
    freshness: timedelta = timedelta(days=2)
    partition: str = "day"
    at_once: bool = False
    checks: tuple[Check, ...] = ()

    @property
    def day_by_day(self) -> bool:
        return not self.at_once and any(isinstance(one.window, (Last, Latest)) for one in self.inputs)

    @property
    def weekly(self) -> bool:
        return any(isinstance(one.window, Week) for one in self.inputs)

    @property
    def dataset(self) -> tuple[str, str]:
        """Layer and name."""
        return self.layer, self.name
