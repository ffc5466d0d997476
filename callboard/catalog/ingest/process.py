"""One entity through all processors: from what its source said to what shall be stored.

Reads through the processors it is given and changes nothing: the store writes the result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
import structlog

from callboard.catalog.ingest.contract import (
    LOCATION,
    ORIGIN,
    Context,
    Deferred,
    Emitted,
    Entity,
    Hook,
    LocationSpec,
)
from callboard.catalog.ingest.texts import SourceTexts
from callboard.core.errors import CallboardError, InputError, NotAllowedError, Path, Problem
from callboard.model import Model
from callboard.model.refs import LocationRef, entity_ref, parse_location_ref

log = structlog.get_logger(__name__)
CACHE_RUNS = 5
MAX_MESSAGE = 5000
EVERY_ORIGIN = "*"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row of `refresh_state` whose turn it is."""

    entity_id: str
    ref: str
    unprocessed: str
    result_hash: str | None
    cache: str | None

    @property
    def may_have_placeholder(self) -> bool:
        """False when no key begins with `$`, as in most entities: they need no search, and read nothing."""
        return '"$' in self.unprocessed


def _unplaced(problem: Problem) -> Problem:
    return problem


@dataclass(slots=True)
class Result:
    """What a run gave. `entity` is None when it failed: the last good one and all it brought in stay."""

    claimed: Claimed
    entity: Entity | None
    errors: list[dict[str, Any]]
    children: list[Deferred] = field(default_factory=list)
    kept_origins: set[str] = field(default_factory=set)
    own_relations: list[tuple[str, str]] = field(default_factory=list)
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    refresh_keys: set[str] = field(default_factory=set)
    cache: str | None = None
    reads: bool = False
    hash: str = ""
    documents: list[Emitted] = field(default_factory=list)
    """Of a Location: every document that was met."""
    placed: Callable[[Problem], Problem] = _unplaced
    """Gives a problem that is found later its position in the source."""

    def refuse(self, refs: set[str]) -> None:
        """Drop these children, which are ancestors of the entity, and say so."""
        self.children = [child for child in self.children if entity_ref(child.entity) not in refs]
        for ref in sorted(refs):
            message = f"Cyclic location: {ref} brings in {self.claimed.ref}, which names it again"
            self.errors.append(error_item(self.placed(Problem(message, ("spec",)))))
        self.hash = _hash(self)

    @property
    def unchanged(self) -> bool:
        return self.hash == self.claimed.result_hash


class Processing:
    """The processors in their order, and the rules every entity must keep."""

    def __init__(self, processors: Sequence[Any], model: Model, texts: SourceTexts) -> None:
        self.texts = texts
        self.equip(processors, model)

    def equip(self, processors: Sequence[Any], model: Model) -> None:
        """Use these from the next entity on; who changes them has everything processed again."""
        ordered = sorted(processors, key=lambda processor: getattr(processor, "priority", 20))
        self._pre = _hooks(ordered, "pre_process")
        self._validate = _hooks(ordered, "validate_kind")
        self._read = _hooks(ordered, "read_location")
        self._post = _hooks(ordered, "post_process")
        self.model = model
        self.reads = any(getattr(processor, "reads", False) for processor in ordered)
        """Whether some processor asks something outside, so that entities wait beside each other."""
        self.version = ",".join(f"{p.name}@{getattr(p, 'version', 1)}" for p in ordered)

    async def run(self, claimed: Claimed) -> Result:
        """Never raises for what the entity holds: every mistake becomes one of the result's errors."""
        entity: Entity = orjson.loads(claimed.unprocessed)
        context: Context | None = None
        completed: Entity | None = None
        try:
            context = _context(claimed, entity)
            context.may_have_placeholder = claimed.may_have_placeholder
            completed = await self._complete(entity, context)
            problems = context.problems
        except CallboardError as error:
            problems = [*(context.problems if context else ()), Problem(str(error), name=error.name)]
        except Exception as error:  # a processor's fault must not stop the others' entities
            log.exception("a processor failed", entity=claimed.ref)
            problems = [Problem(str(error) or type(error).__name__, name=type(error).__name__)]
        errors = [error_item(self._placed(problem, claimed, context)) for problem in problems]
        try:
            result = _result(claimed, context, completed, errors)
        except TypeError as error:  # it cannot be written as JSON; must not stop the others either
            reason = "it is nested too deeply" if "ecursion" in str(error) else str(error)
            problem = Problem(f"the entity cannot be stored: {reason}")
            errors.append(error_item(self._placed(problem, claimed, context)))
            result = _result(claimed, context, None, errors)
        result.placed = lambda problem: self._placed(problem, claimed, context)
        return result

    async def _complete(self, entity: Entity, context: Context) -> Entity | None:
        for hook in self._pre:
            entity = await hook(entity, context)
        if context.problems:
            return None
        metadata = entity.get("metadata")
        if isinstance(metadata, dict) and not metadata.get("namespace"):
            entity = {**entity, "metadata": {**metadata, "namespace": "default"}}
        if entity_ref(entity) != context.ref:
            raise InputError("Fatal: The entity kind, namespace, or name changed during processing")
        context.problems.extend(await self._problems(entity))
        if context.problems:
            return None
        if entity["kind"] == "Location":
            await self._read_targets(entity, context)
            if context.problems and not context.emitted:
                return None
        for hook in self._post:
            entity = await hook(entity, context)
        return entity

    async def _problems(self, entity: Entity) -> list[Problem]:
        for hook in self._validate:
            if await hook(entity):
                return []
        return self.model.validate(entity)

    async def _read_targets(self, entity: Entity, context: Context) -> None:
        spec = entity.get("spec") or {}
        kind = spec.get("type") or context.location.type
        targets = [target for target in (spec.get("target"), *(spec.get("targets") or ())) if target]
        context.reads = True
        for target in targets:
            location = LocationSpec(kind, target, spec.get("presence") or "required")
            try:
                await self._read_target(location, context)
            except CallboardError as error:
                context.kept_origins.add(EVERY_ORIGIN)
                path: Path = ("spec", "target")
                if target != spec.get("target"):
                    path = ("spec", "targets", spec["targets"].index(target))
                context.problems.append(Problem(str(error), path, name=error.name))

    async def _read_target(self, location: LocationSpec, context: Context) -> None:
        if location.type not in ("url", context.location.type):
            raise NotAllowedError(
                f"a location of type {context.location.type} may not name targets of type {location.type}"
            )
        for hook in self._read:
            if await hook(location, context):
                return
        raise InputError(f"no processor reads locations of type {location.type}")

    def _placed(self, problem: Problem, claimed: Claimed, context: Context | None) -> Problem:
        if context is None:
            return problem
        return self.texts.place(problem, context.location, claimed.ref)


def _hooks(processors: Sequence[Any], name: str) -> list[Hook]:
    return [getattr(processor, name) for processor in processors if hasattr(processor, name)]


def _context(claimed: Claimed, entity: Entity) -> Context:
    annotations = entity.get("metadata", {}).get("annotations") or {}
    if not annotations.get(LOCATION) or not annotations.get(ORIGIN):
        raise InputError(f"the annotations {LOCATION} and {ORIGIN} are required")
    cache = orjson.loads(claimed.cache)["cache"] if claimed.cache else {}
    return Context(claimed.ref, _location(annotations[LOCATION]), _location(annotations[ORIGIN]), cache)


@lru_cache(maxsize=1024)
def _location(text: str) -> LocationRef:
    kind, separator, target = text.partition(":")
    if separator and kind == "file":
        return LocationRef(kind, target)
    return parse_location_ref(text)


def error_item(problem: Problem) -> dict[str, Any]:
    """The problem as it stands in an entity's status."""
    item: dict[str, Any] = {"name": problem.name, "message": problem.message[:MAX_MESSAGE]}
    if problem.path:
        item["field"] = problem.field
    if problem.source is not None:
        item["source"] = problem.source
    if problem.line is not None:
        item["line"], item["column"] = problem.line, problem.column
    return item


def _result(
    claimed: Claimed, context: Context | None, entity: Entity | None, errors: list[dict[str, Any]]
) -> Result:
    result = Result(claimed, entity, errors)
    if context is not None:
        result.reads = context.reads
        result.documents = context.documents
        # Keys are kept of a failed run too, so that mending the file it failed on starts the next.
        result.refresh_keys = context.refresh_keys
        result.cache = _next_cache(claimed, context, succeeded=not errors)
        result.kept_origins = context.kept_origins
    if context is not None and entity is not None:
        result.children = context.children
        for source, kind, target in sorted(context.relations):
            if source == claimed.ref:
                result.own_relations.append((kind, target))
            else:
                result.relations.append((source, kind, target))
    result.hash = _hash(result)
    return result


def _next_cache(claimed: Claimed, context: Context, *, succeeded: bool) -> str | None:
    """A run that succeeds renews the cache; one that fails wears it down until it is dropped."""
    left = CACHE_RUNS
    if not succeeded:
        if not claimed.cache:
            return None
        left = orjson.loads(claimed.cache)["ttl"] - 1
    if left <= 0 or not context.cache:
        return None
    return orjson.dumps({"ttl": left, "cache": context.cache}).decode()


def _hash(result: Result) -> str:
    parts = [
        result.errors,
        result.entity,
        [(child.entity, child.location_key) for child in result.children],
        sorted(result.kept_origins),
        result.own_relations,
        result.relations,
        sorted(result.refresh_keys),
    ]
    return hashlib.sha1(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), usedforsecurity=False).hexdigest()
