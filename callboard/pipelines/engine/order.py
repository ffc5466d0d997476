"""Models in the order in which they can be made."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter

from callboard.pipelines.declaration import Model
from callboard.pipelines.lake import LakeError
from callboard.pipelines.records import RAW


def in_order(models: Iterable[Model]) -> list[Model]:
    """Each after all that it reads; raises LakeError for models that cannot be made at all."""
    by_dataset: dict[tuple[str, str], Model] = {}
    for model in models:
        if model.dataset in by_dataset:
            raise LakeError(f"Two models are called {model.layer}.{model.name}")
        by_dataset[model.dataset] = model
    sorter: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for dataset, model in by_dataset.items():
        needed = [(one.layer, one.dataset) for one in model.inputs if one.layer != "raw"]
        for one in model.inputs:
            known = one.dataset in RAW if one.layer == "raw" else (one.layer, one.dataset) in by_dataset
            if not known:
                raise LakeError(f"{model.name} reads {one.layer}.{one.dataset}, which nothing makes")
        sorter.add(dataset, *needed)
    try:
        return [by_dataset[one] for one in sorter.static_order()]
    except CycleError as error:
        circle = ", ".join(".".join(one) for one in error.args[1])
        raise LakeError(f"Models read each other in a circle: {circle}") from error


def downstream(models: Sequence[Model], names: Iterable[str]) -> list[Model]:
    """The models of these names (`health` or `marts.health`) and all that read what they make, in order.

    Raises LakeError for a name that no model has.
    """
    unknown = wanted = set(names)
    found: set[tuple[str, str]] = set()
    result = []
    for model in in_order(models):
        called = {model.name, ".".join(model.dataset)}
        unknown = unknown - called
        reads = {(one.layer, one.dataset) for one in model.inputs}
        if wanted & called or reads & found:
            found.add(model.dataset)
            result.append(model)
    if unknown:
        raise LakeError(f"There is no model {', '.join(sorted(unknown))}")
    return result


@cache
def code_of(model: Model) -> str:
    """A digest of the module that holds the model and of those beside it that it imports.

    When it changes, everything is made again.
    """
    content = [str(model.schema), str(model.keys), str(model.inputs)]
    waiting, seen = [model.expression.__module__], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in sys.modules:
            continue
        seen.add(name)
        source = inspect.getsource(sys.modules[name])
        content.append(source)
        package = name.rpartition(".")[0]
        waiting += [f"{package}.{one}" for one in _names(source, package)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def _names(source: str, package: str) -> list[str]:
    """The modules of `package` that a module of it imports."""
    found = re.findall(rf"^from {re.escape(package)}\.(\w+) import", source, re.MULTILINE)
    for names in re.findall(rf"^from {re.escape(package)} import ([\w, ]+)", source, re.MULTILINE):
        found += [one.strip() for one in names.split(",")]
    return sorted(found)
