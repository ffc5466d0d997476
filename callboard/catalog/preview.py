"""What a URL or a pasted text would add, change or be refused, document by document. Nothing is written.

Unlike `dry_run`, which answers Backstage's API, it goes on after a mistake.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from callboard.catalog.difference import IGNORED, Change, diff
from callboard.catalog.dry_run import MAX_ENTITIES, process_once
from callboard.catalog.ingest.contract import LOCATION, ORIGIN, PASTED, Context, Deferred, Emitted, Entity
from callboard.catalog.ingest.final import ORPHAN
from callboard.catalog.ingest.placeholders import STAND_IN
from callboard.catalog.ingest.process import Processing, Result, error_item
from callboard.catalog.ingest.readers import Emitter
from callboard.catalog.sources.locations import location_entity
from callboard.catalog.store import locations as locations_store
from callboard.catalog.store.known import Known, known_entities
from callboard.core.database import Database
from callboard.core.errors import Problem
from callboard.model.refs import LocationRef, entity_ref

MAX_TEXT = 2 * 2**20
Item = dict[str, Any]
"""A problem as in an entity's status: name, message and, where known, field, source, line and column."""
Outcome = Literal["add", "change", "same", "refuse", "conflict"]

_BY_PLACE = frozenset(
    f"metadata.annotations.{name}"
    for name in (
        LOCATION,
        "backstage.io/view-url",
        "backstage.io/edit-url",
        "backstage.io/source-location",
    )
)
_NEVER_SHOWN = IGNORED | {f"metadata.annotations.{ORIGIN}", f"metadata.annotations.{ORPHAN}"}


@dataclass(frozen=True, slots=True)
class PreviewEntity:
    """One document. `ref` is None when it cannot be told whom it describes.

    `refuse`: it would not be taken in, `problems` say why; `conflict`: another source owns the ref. A
    Location of which only some targets can be read is not refused but has problems too.
    """

    ref: str | None
    outcome: Outcome
    source: str | None = None
    line: int | None = None
    changes: list[Change] = field(default_factory=list)
    problems: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """`problems` are those of the whole. `location` is the registered location with this target, if any."""

    entities: list[PreviewEntity]
    problems: list[Item]
    location: dict[str, Any] | None = None

    def count(self, outcome: Outcome) -> int:
        return sum(1 for entity in self.entities if entity.outcome == outcome)


class Previewer:
    """Runs what it is given through the catalog's own processors; the reader's allow-list holds."""

    def __init__(self, database: Database, processing: Processing, emitter: Emitter) -> None:
        self._database = database
        self._processing = processing
        self._emitter = emitter

    async def url(self, target: str) -> Preview:
        """What registering this URL would do."""
        root = location_entity("url", target)
        async with self._database.read() as rows:
            known = await locations_store.find(rows, type="url", target=target)
        result = await process_once(self._processing, root)
        documents = {orjson.dumps(error_item(one.problem)) for one in result.documents if one.problem}
        problems = [
            # The fields of the Location that stands for the URL say nothing to who gave the URL.
            {key: value for key, value in error.items() if key != "field"}
            for error in result.errors
            if orjson.dumps(error) not in documents
        ]
        return await _Walk(self._database, self._processing, problems, known).run(
            entity_ref(root), result.documents, result.children
        )

    async def text(self, text: str, source: str = "pasted.yaml") -> Preview:
        """What a file with this text would do; nothing relative to it can be read."""
        content = text.encode("utf-8", "surrogatepass")
        if len(content) > MAX_TEXT:
            message = f"the text is {len(content):,} bytes; at most {MAX_TEXT:,} are previewed"
            return Preview([], [error_item(Problem(message, source=source))])
        # Texts are kept by their place for a while: two people may paste at the same time.
        place = LocationRef(PASTED, f"{uuid.uuid4().hex}/{source}")
        context = Context("", place, place, {})
        self._emitter.emit(content, place, context)
        try:
            walk = _Walk(self._database, self._processing, [])
            preview = await walk.run("", context.documents, context.children)
        finally:
            self._emitter.forget(place)
        return _renamed(
            preview, lambda found: found.replace(str(place), source).replace(place.target, source)
        )


class _Walk:
    """One preview: the documents met so far, and what became of them."""

    def __init__(
        self,
        database: Database,
        processing: Processing,
        problems: list[Item],
        location: dict[str, Any] | None = None,
    ) -> None:
        self._database = database
        self._processing = processing
        self._preview = Preview([], problems, location)
        self._seen: dict[str, str] = {}
        """Refs met, with their location keys."""
        self._met: set[tuple[str, int]] = set()
        """Sources and lines of the documents met."""

    async def run(self, root: str, documents: Sequence[Emitted], children: Sequence[Deferred]) -> Preview:
        self._seen[root] = ""
        waiting = [(documents, children)]
        while waiting:
            documents, children = waiting.pop(0)
            by_ref = {entity_ref(child.entity): child for child in children}
            async with self._database.read() as rows:
                known = await known_entities(rows, by_ref)
            for number, document in enumerate(documents):
                if len(self._preview.entities) >= MAX_ENTITIES:
                    message = f"there are more than {MAX_ENTITIES:,} entities; the preview stops there"
                    self._preview.problems.append(error_item(Problem(message)))
                    return self._preview
                if number % 25 == 24:
                    await asyncio.sleep(0)  # requests are served meanwhile
                if (document.source, document.line) in self._met:
                    continue  # reached in a second way
                self._met.add((document.source, document.line))
                if document.problem is not None:
                    self._add(document, "refuse", [error_item(document.problem)])
                elif document.ref in by_ref:
                    result = await self._document(document, by_ref[document.ref], known.get(document.ref))
                    if result is not None:
                        waiting.append((result.documents, result.children))
        return self._preview

    async def _document(self, document: Emitted, child: Deferred, known: Known | None) -> Result | None:
        """Decides on one document; returns its result when it brings in more."""
        ref, key = entity_ref(child.entity), child.location_key or ""
        other = self._seen.get(ref)
        if other is None and known is not None and not key.startswith(f"{PASTED}:"):
            other = known.location_key if known.location_key not in (None, child.location_key) else None
        if other is not None:
            claimed = "this location itself" if other == "" else other
            problem = Problem(
                f"{ref} belongs to {claimed}; it stays as that describes it", ("metadata", "name")
            )
            self._conflict(document, problem)
            return None
        self._seen[ref] = key
        result = await process_once(self._processing, child.entity)
        met = {orjson.dumps(error_item(one.problem)) for one in result.documents if one.problem}
        errors = [error for error in result.errors if orjson.dumps(error) not in met]
        if result.entity is None:
            # A Location that brought in nothing healthy is refused for what its documents are refused for.
            self._add(document, "refuse", errors or result.errors)
        elif known is None or known.processed is None:
            self._add(document, "add", errors)
        else:
            changes = _changes(orjson.loads(known.processed), result)
            self._add(document, "change" if changes else "same", errors, changes)
        return result if result.documents else None

    def _conflict(self, document: Emitted, problem: Problem) -> None:
        self._add(document, "conflict", [error_item(problem.at(document.source, document.line, 1))])
        self._preview.entities[-1].problems[0]["name"] = "ConflictError"

    def _add(
        self, document: Emitted, outcome: Outcome, problems: list[Item], changes: Sequence[Change] = ()
    ) -> None:
        line = next((item["line"] for item in problems if "line" in item), document.line)
        source = document.source
        made = PreviewEntity(document.ref, outcome, source, line, list(changes), problems)
        self._preview.entities.append(made)


def _changes(before: Entity, result: Result) -> list[Change]:
    assert result.entity is not None
    own = [{"type": kind, "targetRef": target} for kind, target in result.own_relations]
    after = {**result.entity, "relations": own}
    annotations = after["metadata"].get("annotations") or {}
    ignored = _NEVER_SHOWN
    if str(annotations.get(LOCATION, "")).startswith(f"{PASTED}:"):
        # What follows from the place is not in the text unless someone wrote it there.
        unwritten = {path for path in _BY_PLACE if path.split(".", 2)[2] not in annotations}
        ignored = ignored | unwritten | {f"metadata.annotations.{LOCATION}"}
    found = diff(before, after, ignored)
    return [one for one in found if not (isinstance(one.after, str) and one.after.startswith(STAND_IN))]


def _renamed(preview: Preview, rename: Callable[[str], str]) -> Preview:
    """The preview with a name that people know instead of the one the text was kept under."""

    def problems(items: list[Item]) -> list[Item]:
        return [{k: rename(v) if isinstance(v, str) else v for k, v in item.items()} for item in items]

    entities = [
        PreviewEntity(
            one.ref,
            one.outcome,
            rename(one.source) if one.source else None,
            one.line,
            one.changes,
            problems(one.problems),
        )
        for one in preview.entities
    ]
    return Preview(entities, problems(preview.problems), preview.location)
