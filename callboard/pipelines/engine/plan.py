"""Which partitions of a model are stale, and which cannot be made, decided from manifests alone. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import orjson
import pyarrow as pa

from callboard.pipelines.declaration import Input, Last, Latest, Model, Newest, Same, Week
from callboard.pipelines.engine.order import code_of
from callboard.pipelines.lake import Partition

DAY = timedelta(days=1)
Dataset = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A partition to be made from these partitions, by the dataset of the input."""

    day: date
    inputs: Mapping[str, tuple[Partition, ...]]
    made_from: str

    @property
    def rows(self) -> int:
        """Rows that making it reads."""
        return sum(one.rows for partitions in self.inputs.values() for one in partitions)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A partition that cannot be made, and why. What it held before stays as it is."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the lake holds: `partitions` by dataset and day, and the days that `failed` in this run."""

    partitions: Mapping[Dataset, Mapping[date, Partition]]
    failed: Mapping[Dataset, Mapping[date, str]]
    schemas: Mapping[Dataset, pa.Schema]
    today: date

    def of(self, dataset: Dataset) -> Mapping[date, Partition]:
        return self.partitions.get(dataset, {})

    def failures(self, dataset: Dataset) -> Mapping[date, str]:
        return self.failed.get(dataset, {})


def plan(
    model: Model,
    known: Known,
    since: date | None = None,
    until: date | None = None,
    *,
    again: bool = False,
) -> tuple[list[Target], list[Blocked]]:
    """The stale partitions of a model from `since` to `until`; with `again`, all of them."""
    made = known.of(model.dataset)
    targets, blocked = [], []
    for day in days_of(model, known):
        if (since and day < since) or (until and day > until):
            continue
        found = _target(model, known, day)
        if isinstance(found, Blocked):
            blocked.append(found)
        elif found is not None:
            before = made.get(day)
            if again or before is None or before.made_from != found.made_from:
                targets.append(found)
    return targets, blocked


def days_of(model: Model, known: Known) -> list[date]:
    """The days that the model's first input asks for, whether they can be made or not."""
    first = model.inputs[0]
    dataset = (first.layer, first.dataset)
    days = set(known.of(dataset)) | set(known.failures(dataset))
    if isinstance(first.window, Week):
        return sorted({day - timedelta(days=day.weekday()) for day in days})
    if isinstance(first.window, Same) and first.window.gapless:
        days |= _gaps(days, known.today) - set(known.of(model.dataset))
    return sorted(days)


def _gaps(days: set[date], today: date) -> set[date]:
    past = [day for day in days if day <= today]  # a day of the future opens no gap
    if not past:
        return set()
    first, last = min(past), max(past)
    return {first + DAY * number for number in range((last - first).days)} - days


def _target(model: Model, known: Known, day: date) -> Target | Blocked | None:
    """None for what is not due yet: a week that has not ended, or the first one when it is not whole."""
    if day > known.today:
        return Blocked(day, f"{day} is in the future: today is {known.today} (UTC)")
    inputs: dict[str, tuple[Partition, ...]] = {}
    for one in model.inputs:
        found = _of_input(one, known, day)
        if not isinstance(found, tuple):
            return found
        for partition in found:
            if wrong := shape_problem(partition, known.schemas[one.layer, one.dataset]):
                return Blocked(day, wrong)
        inputs[one.dataset] = found
    return Target(day, inputs, _made_from(model, day, inputs))


def _of_input(one: Input, known: Known, day: date) -> tuple[Partition, ...] | Blocked | None:
    dataset = (one.layer, one.dataset)
    partitions, failures = known.of(dataset), known.failures(dataset)
    match one.window:
        case Same():
            if day in failures:
                return Blocked(day, f"{_name(one)} of {day}: {failures[day]}")
            if day not in partitions:
                return Blocked(day, f"{_name(one)} has no {day}")
            return (partitions[day],)
        case Week():
            return _week(one, known, day)
        case Newest():
            past = [at for at in partitions if at <= known.today]
            return (partitions[max(past)],) if past else ()
        case Last(days) | Latest(days):
            if day in failures:
                return Blocked(day, f"{_name(one)} of {day}: {failures[day]}")
            window = [day - DAY * back for back in reversed(range(days))]
            found = tuple(partitions[at] for at in window if at in partitions)
            return found[-1:] if isinstance(one.window, Latest) else found


def _week(one: Input, known: Known, monday: date) -> tuple[Partition, ...] | Blocked | None:
    dataset = (one.layer, one.dataset)
    partitions, failures = known.of(dataset), known.failures(dataset)
    week = [monday + DAY * number for number in range(7)]
    for at in week:
        if at in failures:
            return Blocked(monday, f"{_name(one)} of {at}: {failures[at]}")
    missing = [at for at in week if at not in partitions]
    if not missing:
        return tuple(partitions[at] for at in week)
    has_begun = any(at < missing[0] for at in partitions)
    goes_on = any(missing[-1] < at <= known.today for at in partitions)
    if has_begun and goes_on:
        return Blocked(monday, f"{_name(one)} has no {missing[0]}")
    return None


def shape_problem(partition: Partition, schema: pa.Schema) -> str | None:
    """What is wrong with a partition's columns; further columns do no harm."""
    have = dict(partition.columns)
    missing = [name for name in schema.names if name not in have]
    at = f"{partition.layer}.{partition.dataset} of {partition.day}"
    if missing:
        more = sorted(set(have) - set(schema.names))
        instead = f"; it has {', '.join(f'`{name}`' for name in more)} instead" if more else ""
        return f"{at} has no column {', '.join(f'`{name}`' for name in missing)}{instead}"
    for field in schema:
        kind = have[field.name]
        if kind != str(field.type) and kind not in _compatible(field.type):
            return f"{at}: column `{field.name}` is {kind}, not {field.type}"
    return None


def _compatible(kind: pa.DataType) -> Sequence[str]:
    if pa.types.is_string(kind):
        return ("large_string", "string_view", "null", "dictionary<values=string, indices=int32, ordered=0>")
    if pa.types.is_int64(kind):
        return ("int32", "int16", "int8", "uint32", "null")
    return ("null",)


def _made_from(model: Model, day: date, inputs: Mapping[str, tuple[Partition, ...]]) -> str:
    """Changes whenever the model or the content of any input does."""
    # Days are named where a partition's place among others matters, which is not so for `Newest`.
    windows = {one.dataset: one.window for one in model.inputs}
    content = [
        code_of(model),
        str(day),
        [
            [name, [[_place(windows[name], one), one.hash] for one in partitions]]
            for name, partitions in sorted(inputs.items())
        ],
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]


def _place(window: object, partition: Partition) -> str:
    return "" if isinstance(window, Newest) else str(partition.day)


def _name(one: Input) -> str:
    return f"{one.layer}.{one.dataset}"
