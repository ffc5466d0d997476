"""Reads the sources that the configuration names. Each is a Location, so its mistakes are told as those of
every source of the catalog: with file, line and field, on the page of the location and among all problems."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from callboard.catalog.ingest.contract import Connection, Context, Deferred, Emitted, Entity, LocationSpec
from callboard.catalog.ingest.texts import Places
from callboard.catalog.sources.files import expand, is_glob, read_file, stamp
from callboard.catalog.sources.locations import location_entity
from callboard.core.errors import CallboardError, InputError, NotFoundError, Problem
from callboard.core.reader import UrlReader
from callboard.core.yaml import Document, read_documents
from callboard.marketplace.intake import directory, wheels
from callboard.marketplace.intake.index import IndexReader
from callboard.marketplace.intake.lifecycle import PublishTimes
from callboard.marketplace.intake.making import placed
from callboard.marketplace.intake.wheels import Offered, packed_on
from callboard.marketplace.settings import DIRECTORY, INDEX, WHEELS, Source
from callboard.model.refs import entity_ref
from callboard.plugins.install.resolve import MAX_WHEEL
from callboard.plugins.install.wheel import read_wheel

MAX_WHEELS = 2000


def _today() -> date:
    return datetime.now(UTC).date()


class SourcesProvider:
    """Gives a Location for each configured source."""

    name = "marketplace-sources"

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    async def connect(self, connection: Connection) -> None:
        await connection.apply_full(
            [
                Deferred(location_entity(one.type, one.target), f"{one.type}:{one.target}")
                for one in self._sources
            ],
            guarded=False,
        )


class SourcesProcessor:
    """Reads the Locations of `SourcesProvider`; nobody else can make any of their types."""

    name = "MarketplaceSourcesProcessor"

    def __init__(
        self,
        sources: Sequence[Source],
        reader: UrlReader,
        times: PublishTimes,
        today: Callable[[], date] = _today,
    ) -> None:
        self._namespaces = {(one.type, one.target): one.namespace for one in sources}
        self._packages = {one.target: one.packages for one in sources if one.type == INDEX}
        self._index = IndexReader(reader)
        self._reader = reader
        self._times = times
        self._today = today
        self._wheels: dict[str, tuple[tuple[str, ...], list[Entity], list[Problem]]] = {}

    async def read_location(self, spec: LocationSpec, context: Context) -> bool:
        read = {DIRECTORY: self._read_directory, WHEELS: self._read_wheels, INDEX: self._read_index}
        if spec.type not in read:
            return False
        context.reads = True
        await read[spec.type](spec.target, context)
        return True

    # The open directory

    async def _read_directory(self, target: str, context: Context) -> None:
        for place, content in await self._files(target, context):
            for document, found, made in self._documents(place, content):
                ref = None if made is None else entity_ref(made)
                told: list[Problem | None] = [*found] or [None]
                for problem in told:
                    context.documents.append(Emitted(place, document.line, ref, problem))
                context.problems += found
                if made is None:
                    context.kept_origins.add(f"{DIRECTORY}:{place}")
                else:
                    self._emit(made, f"{DIRECTORY}:{place}", context)

    def _documents(
        self, place: str, content: bytes
    ) -> Iterable[tuple[Document, list[Problem], Entity | None]]:
        """Every document of a file with its mistakes in their places, and the listing unless one is fatal."""
        documents = read_documents(content, place)
        places = Places(content, documents)
        namespace = self._namespace(DIRECTORY, place)
        for document in documents:
            if document.problem is None and document.value is None:
                continue
            own = [document.problem] if document.problem else directory.problems(document.value)
            made = None
            if isinstance(document.value, Mapping) and not directory.fatal(own):
                own += directory.missing(document.value, self._times)
                made = directory.listing_of(
                    document.value, namespace=namespace, times=self._times, today=self._today()
                )
            told = [one if one.line else one.at(place, *places.of(document, one.path)) for one in own]
            yield document, told, made

    async def _files(self, target: str, context: Context) -> list[tuple[str, bytes]]:
        if "://" in target:
            if is_glob(target.partition("?")[0]):
                return [(one.url, one.content) for one in await self._reader.search(target)]
            return [(target, (await self._reader.read(target)).content)]
        if os.path.isdir(target):  # noqa: ASYNC240 - the catalog reads files in this thread as well
            paths = sorted(str(path) for path in Path(target).glob("*.y*ml"))  # noqa: ASYNC240
        else:
            paths = expand(target)
        if not paths:
            raise NotFoundError(f"{target} holds no file of the directory")
        found = []
        for path in paths:
            context.refresh_keys.add(f"file:{path}")
            try:
                found.append((path, read_file(path)))
            except CallboardError as error:
                context.kept_origins.add(f"{DIRECTORY}:{path}")
                context.problems.append(Problem(str(error), name=error.name, source=path))
        return found

    # Wheels

    async def _read_wheels(self, target: str, context: Context) -> None:
        pattern = os.path.join(target, "*.whl") if os.path.isdir(target) else target  # noqa: ASYNC240
        paths = [path for path in expand(pattern) if path.endswith(".whl")]
        if not paths and not os.path.isdir(target):  # noqa: ASYNC240
            raise NotFoundError(f"{target} holds no wheel")
        if len(paths) > MAX_WHEELS:
            raise InputError(f"{target} holds more than {MAX_WHEELS} wheels")
        stamps = tuple(f"{path} {stamp(path)}" for path in paths if os.path.exists(path))  # noqa: ASYNC240
        known = self._wheels.get(target)
        if known is None or known[0] != stamps:
            made, problems = await asyncio.to_thread(_opened, paths, self._namespace(WHEELS, target))
            known = self._wheels[target] = (stamps, made, problems)
        self._tell(known[1], known[2], WHEELS, target, context)

    async def _read_index(self, target: str, context: Context) -> None:
        namespace = self._namespace(INDEX, target)
        made, problems = await self._index.entities(target, self._packages.get(target, ()), namespace)
        self._tell(made, problems, INDEX, target, context)

    def _tell(
        self, made: Sequence[Entity], problems: Sequence[Problem], kind: str, target: str, context: Context
    ) -> None:
        """Emits what was made of wheels; what an unreadable one made before stays."""
        context.problems += problems
        context.documents += [Emitted(one.source or target, 1, None, one) for one in problems]
        for entity in made:
            self._emit(entity, f"{kind}:{target}", context)
        if problems:
            context.kept_origins.add(f"{kind}:{target}")

    def _emit(self, made: Entity, location: str, context: Context) -> None:
        ref = entity_ref(made)
        if ref in context.emitted:
            text = f"{ref} is described twice; the first description is used"
            context.problems.append(Problem(text, source=location.partition(":")[2]))
            return
        context.emitted.add(ref)
        context.children.append(placed(made, location, str(context.origin)))

    def _namespace(self, kind: str, place: str) -> str:
        """That of the source a file belongs to: the one whose target it shares most with."""
        fitting: Mapping[str, str] = {
            target: namespace
            for (of, target), namespace in self._namespaces.items()
            if of == kind and place.startswith(_fixed(target))
        }
        return fitting[max(fitting, key=len)] if fitting else "default"


def _fixed(target: str) -> str:
    """What stands before the first sign of a glob."""
    return target[: next((at for at, sign in enumerate(target) if sign in "*?["), len(target))]


def _opened(paths: Sequence[str], namespace: str) -> tuple[list[Entity], list[Problem]]:
    """The entities of these wheels; one that cannot be read hides no other."""
    offered, problems = [], []
    for path in paths:
        try:
            wheel = read_wheel(os.path.basename(path), read_file(path, MAX_WHEEL))
            if wheel.entry_point is not None:  # others are what plugins need
                offered.append(Offered(wheel, Path(path).as_uri(), packed_on(wheel)))
        except CallboardError as error:
            problems.append(Problem(str(error), name=error.name, source=path))
    return wheels.entities_of(offered, namespace=namespace), problems
