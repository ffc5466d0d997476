"""Checks descriptor files without a server: every mistake in them, with file, line and field.

It reads what a Location names as well, and looks across files: two descriptors of one entity, references
that differ only in case, and Locations that lead back to themselves.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.lint_references import fill, location_targets
from callboard.catalog.sources.files import DESCRIPTOR_NAMES, expand, find_descriptors, is_glob, read_file
from callboard.core.errors import CallboardError, Path, Problem
from callboard.core.yaml import Document, locate, read_documents

if TYPE_CHECKING:
    from callboard.model.model import Model

_ENTITY_KEYS = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and everything found wrong, ordered by file and line."""

    files: int
    entities: int
    problems: list[Problem]


def lint(paths: Sequence[str], model: Model) -> Report:
    """Checks folders, files and globs. Never raises for what is in them, nor for paths that do not exist."""
    run = _Run(model)
    for path in paths:
        run.add(path)
    run.work()
    problems = [*run.problems, *_doubles(run.found), *_cycles(run.edges)]
    problems.sort(key=lambda one: (one.source or "", one.line or 0, one.column or 0))
    return Report(len(run.seen), sum(len(places) for places in run.found.values()), problems)


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    origin: str  # the file named first, from which this one was reached
    walked: bool  # found in a folder under another name than catalog-info.yaml


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entity is described, with its reference as it is written there."""

    written: str
    source: str
    line: int
    column: int


@dataclass(slots=True)
class _Run:
    """One run: the files still to read, and what is known so far."""

    model: Model
    queue: deque[_File] = field(default_factory=deque)
    seen: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    found: dict[str, list[_Place]] = field(default_factory=dict)
    edges: dict[str, list[tuple[str, Problem]]] = field(default_factory=dict)
    confinement: Confinement = field(default_factory=Confinement)

    def add(self, path: str) -> None:
        """A path as a person names it."""
        if os.path.isdir(path):
            self.confinement.add(path)
            for found in find_descriptors(FilePath(path)):
                self.queue.append(_File(str(found), str(found), found.name not in DESCRIPTOR_NAMES))
            return
        files = expand(path)
        if not files or not (is_glob(path) or os.path.exists(path)):
            self.problems.append(Problem("no such file or folder", source=path, name="NotFoundError"))
            return
        self.queue.extend(_File(file, file, False) for file in files)

    def work(self) -> None:
        while self.queue:
            file = self.queue.popleft()
            real = os.path.realpath(file.path)
            if real in self.seen:
                continue
            self.seen.add(real)
            self._check_file(file)

    def _check_file(self, file: _File) -> None:
        try:
            content = read_file(file.path)
        except CallboardError as error:
            self.problems.append(Problem(str(error), source=file.path, name=error.name))
            return
        for document in read_documents(content, file.path):
            if document.problem is not None:
                self.problems.append(document.problem)
            elif not (file.walked and _foreign(document.value, self.model)):
                self._check_document(file, content, document)

    def _check_document(self, file: _File, content: bytes, document: Document) -> None:
        entity = document.value

        def place(problem: Problem) -> Problem:
            found = locate(content, document.line, problem.path) or (document.line, 1)
            return problem.at(file.path, *found)

        if not isinstance(entity, dict):
            self.problems.append(place(Problem("expected an entity, which is an object")))
            return
        filled = fill(entity, file.path, self.confinement, file.origin)
        wrong = [one for one in self.model.validate(filled.entity) if filled.knows(one.path)]
        self.problems += [place(one) for one in (*filled.problems, *wrong)]
        if (written := _written_ref(entity)) is not None:
            line, column = locate(content, document.line, ("metadata", "name")) or (document.line, 1)
            known = self.found.setdefault(written.lower(), [])
            known.append(_Place(written, file.path, line, column))
        if entity.get("kind") == "Location":
            self._follow(file, entity, place)

    def _follow(self, file: _File, entity: dict[str, Any], place: Any) -> None:
        """Queues what a Location names. `place` is the local function above; its type says nothing more."""
        for target in location_targets(entity, file.path, self.confinement, file.origin):
            if target.problem is not None:
                self.problems.append(place(target.problem))
                continue
            here = place(Problem("", target.path))
            edges = self.edges.setdefault(os.path.realpath(file.path), [])
            for path in target.files:
                edges.append((os.path.realpath(path), here))
                self.queue.append(_File(path, file.origin, False))


def _foreign(value: Any, model: Model) -> bool:
    """Whether a document of a walked file is something else: Kubernetes manifests share the three keys."""
    if not isinstance(value, dict) or not all(key in value for key in _ENTITY_KEYS):
        return True
    group = str(value["apiVersion"]).partition("/")[0]
    return model.kind_of(value) is None and group not in ("backstage.io", "scaffolder.backstage.io")


def _written_ref(entity: dict[str, Any]) -> str | None:
    kind, metadata = entity.get("kind"), entity.get("metadata")
    if not isinstance(kind, str) or not isinstance(metadata, dict):
        return None
    namespace, name = metadata.get("namespace") or "default", metadata.get("name")
    if not isinstance(name, str) or not isinstance(namespace, str):
        return None
    return f"{kind}:{namespace}/{name}"


def _doubles(found: dict[str, list[_Place]]) -> list[Problem]:
    problems = []
    for ref, places in found.items():
        first = places[0]
        for other in places[1:]:
            where = f"{first.source}:{first.line}"
            if other.written == first.written:
                message = f"{ref} is already described at {where}"
            else:
                message = f"{other.written} differs only in case from {first.written} at {where}"
            path: Path = ("metadata", "name")
            problems.append(
                Problem(message, path, other.line, other.column, other.source, name="ConflictError")
            )
    return problems


def _cycles(edges: dict[str, list[tuple[str, Problem]]]) -> list[Problem]:
    """One problem for each target that leads back to a file it is reached from."""
    problems: list[Problem] = []
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            node, index = stack.pop()
            if index == 0:
                if node in done:
                    continue
                trail.append(node)
            following = edges.get(node, [])
            if index == len(following):
                trail.pop()
                done.add(node)
                continue
            stack.append((node, index + 1))
            target, here = following[index]
            if target in trail:
                loop = [*trail[trail.index(target) :], target]
                chain = " → ".join(os.path.basename(file) for file in loop)
                message = f"this location leads back to itself: {chain}"
                problems.append(Problem(message, here.path, here.line, here.column, here.source))
            elif target not in done:
                stack.append((target, 0))
    return problems
