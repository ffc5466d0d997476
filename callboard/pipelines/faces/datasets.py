"""How the datasets stand: newest day, freshness, checks, and what went wrong with them last. Blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from callboard.pipelines.declaration import Model
from callboard.pipelines.entities import ABOUT_RAW, OWNER, reference
from callboard.pipelines.lake import CheckResult, Lake
from callboard.pipelines.models import MODELS
from callboard.pipelines.records import RAW
from callboard.pipelines.runs import Step

FRESH = timedelta(days=2)  # of raw datasets
Dataset = tuple[str, str]
"""Layer and name."""


@dataclass(frozen=True, slots=True)
class State:
    """A dataset as it is now. `inputs` and `outputs` are its neighbours in the lineage.

    `fresh` is None while it has no partition. `checks` are those of its newest partition. `columns` are
    names with their types.
    """

    layer: str
    name: str
    description: str
    owner: str
    grain: str
    keys: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    inputs: tuple[Dataset, ...]
    outputs: tuple[Dataset, ...]
    days: int
    newest: date | None
    rows: int
    fresh: bool | None
    freshness: timedelta
    checks: tuple[CheckResult, ...] = ()
    problems: tuple[Step, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def ref(self) -> str:
        return reference(self.layer, self.name)

    @property
    def failing(self) -> tuple[CheckResult, ...]:
        return tuple(one for one in self.checks if not one.passed)


def states(
    lake: Lake,
    today: date,
    problems: Mapping[Dataset, Sequence[Step]],
    models: Sequence[Model] = MODELS,
    only: Dataset | None = None,
) -> list[State]:
    """Every dataset in the order of the way of the data, or only one of them."""
    readers: dict[Dataset, list[Dataset]] = {}
    for model in models:
        for one in model.inputs:
            readers.setdefault((one.layer, one.dataset), []).append(model.dataset)
    found = []
    for name in RAW:
        if only in (None, ("raw", name)):
            found.append(_raw(lake, name, today, problems, readers))
    for model in models:
        if only in (None, model.dataset):
            found.append(_made(lake, model, today, problems, readers))
    return found


def _raw(
    lake: Lake,
    name: str,
    today: date,
    problems: Mapping[Dataset, Sequence[Step]],
    readers: Mapping[Dataset, Sequence[Dataset]],
) -> State:
    return _state(
        lake,
        ("raw", name),
        today,
        problems,
        readers,
        description=ABOUT_RAW[name],
        owner=OWNER,
        grain="",
        keys=(),
        columns=tuple((one.name, str(one.type)) for one in RAW[name]),
        inputs=(),
        freshness=FRESH,
    )


def _made(
    lake: Lake,
    model: Model,
    today: date,
    problems: Mapping[Dataset, Sequence[Step]],
    readers: Mapping[Dataset, Sequence[Dataset]],
) -> State:
    return _state(
        lake,
        model.dataset,
        today,
        problems,
        readers,
        description=model.description,
        owner=model.owner,
        grain=model.grain,
        keys=model.keys,
        columns=tuple((one.name, str(one.type)) for one in model.schema),
        inputs=tuple(dict.fromkeys((one.layer, one.dataset) for one in model.inputs)),
        freshness=model.freshness,
    )


def _state(
    lake: Lake,
    dataset: Dataset,
    today: date,
    problems: Mapping[Dataset, Sequence[Step]],
    readers: Mapping[Dataset, Sequence[Dataset]],
    *,
    description: str,
    owner: str,
    grain: str,
    keys: tuple[str, ...],
    columns: tuple[tuple[str, str], ...],
    inputs: tuple[Dataset, ...],
    freshness: timedelta,
) -> State:
    layer, name = dataset
    partitions = lake.partitions(layer, name)
    newest = partitions[-1] if partitions else None
    # A week is whole, and so new, when its last day is over.
    ends = newest.day + timedelta(days=6 if "week" in keys else 0) if newest else None
    return State(
        layer,
        name,
        description,
        owner,
        grain,
        keys,
        columns,
        inputs,
        tuple(dict.fromkeys(readers.get(dataset, ()))),
        len(partitions),
        newest.day if newest else None,
        sum(one.rows for one in partitions),
        None if ends is None else today - ends <= freshness + timedelta(days=7 if "week" in keys else 0),
        freshness,
        newest.checks if newest else (),
        tuple(problems.get(dataset, ())),
    )
