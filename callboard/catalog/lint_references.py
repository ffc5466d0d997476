"""What a descriptor points at in the file system: placeholders to fill in, Location targets to follow.

For `lint`; the ingestion has the same rules over URLs too (`ingest/placeholders`, `ingest/readers`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.sources.files import expand, is_glob, read_file
from callboard.core.errors import CallboardError, NotAllowedError, NotFoundError, Path, Problem
from callboard.model.refs import LocationRef

PLACEHOLDERS = ("$text", "$json", "$yaml")


@dataclass(slots=True)
class Filled:
    """An entity with its placeholders filled in, and where that was not possible."""

    entity: dict[str, Any]  # as the descriptor has it: any JSON
    problems: list[Problem] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)

    def knows(self, path: Path) -> bool:
        """Whether what stands at `path` was really looked at: the content behind a URL was not."""
        return not any(path[: len(one)] == one for one in self.unknown)


def fill(entity: dict[str, Any], source: str, confinement: Confinement, origin: str) -> Filled:
    """Reads the local files that placeholders name; URLs are left alone."""
    filled = Filled(entity)
    if "spec" not in entity:
        return filled

    def walk(value: Any, path: Path) -> Any:
        if isinstance(value, list):
            return [walk(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (key := next(iter(value))) in PLACEHOLDERS:
            return content(key, value[key], path)
        return {key: walk(item, (*path, key)) for key, item in value.items()}

    def content(key: str, argument: Any, path: Path) -> Any:
        if isinstance(argument, str) and "://" in argument:
            filled.unknown.append(path)
            return argument
        try:
            return _resolve(key, argument, source, confinement, origin)
        except CallboardError as error:
            message = f"Placeholder {key} could not read {argument}: {error}"
            filled.problems.append(Problem(message, path, name=error.name))
            filled.unknown.append(path)
            return argument

    filled.entity = {key: walk(value, (key,)) for key, value in entity.items()}
    return filled


def _resolve(key: str, argument: Any, source: str, confinement: Confinement, origin: str) -> Any:
    # Imported here: it brings the HTTP reader along, which most descriptors do not need.
    from callboard.catalog.ingest.placeholders import BUILTIN
    from callboard.core.errors import InputError

    if not isinstance(argument, str) or not argument.strip():
        raise InputError("must be a string that holds a URL or a relative path")
    path = confinement.resolve(LocationRef("file", source), argument, LocationRef("file", origin))
    return BUILTIN[key[1:]](read_file(path), path)


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a Location: the files it names, or what is wrong with it."""

    path: Path
    files: list[str] = field(default_factory=list)
    problem: Problem | None = None


def location_targets(
    entity: dict[str, Any], source: str, confinement: Confinement, origin: str
) -> Iterator[Target]:
    """The targets of type `file` of a Location entity that was read from the file `source`."""
    spec = entity.get("spec")
    if not isinstance(spec, dict) or spec.get("type", "file") != "file":
        return
    optional = spec.get("presence") == "optional"
    listed = spec.get("targets")
    targets: list[tuple[Path, Any]] = [(("spec", "target"), spec.get("target"))]
    if isinstance(listed, list):
        targets += [(("spec", "targets", index), target) for index, target in enumerate(listed)]
    for path, target in targets:
        if not isinstance(target, str) or "://" in target:
            continue
        try:
            yield Target(path, _files(target, source, confinement, origin, optional=optional))
        except CallboardError as error:
            yield Target(path, problem=Problem(str(error), path, name=error.name))


def _files(target: str, source: str, confinement: Confinement, origin: str, *, optional: bool) -> list[str]:
    base, start = LocationRef("file", source), LocationRef("file", origin)
    resolved = confinement.resolve(base, target, start)
    if os.path.isdir(resolved):
        raise NotFoundError(f"{target} is a folder")
    paths = expand(resolved)
    if is_glob(resolved):
        paths = [path for path in paths if os.path.realpath(path) != os.path.realpath(source)]
        for path in paths:
            confinement.resolve(base, os.path.abspath(path), start)
    elif os.path.realpath(resolved) == os.path.realpath(source):
        raise NotAllowedError("the location points at its own file")
    existing = [path for path in paths if os.path.exists(path)]
    if not existing and not optional:
        raise NotFoundError(f"{target} matches no file" if is_glob(resolved) else f"{target} does not exist")
    return existing
