"""The processors that read a Location's targets: files (with globs) and URLs (with globs and etags)."""

from __future__ import annotations

import os
from typing import Any

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Context, Deferred, Emitted, LocationSpec
from callboard.catalog.ingest.rules import Rules
from callboard.catalog.ingest.texts import Places, SourceTexts
from callboard.catalog.sources.files import expand, is_glob, read_file
from callboard.core.errors import CallboardError, NotAllowedError, NotFoundError, NotModifiedError, Problem
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.core.yaml import read_documents
from callboard.model.refs import LocationRef, entity_ref

MAX_REF = 500
_JSON_TYPES = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
GLOB_KEY = "file-glob"
"""The refresh key of every Location whose files may become more or fewer."""


class Emitter:
    """Turns the text of one source into children of the Location at hand."""

    def __init__(self, rules: Rules, texts: SourceTexts) -> None:
        self._rules = rules
        self._texts = texts

    def emit(self, content: bytes, location: LocationRef, context: Context) -> None:
        """Every healthy document becomes a child; every other one a problem with its position."""
        self._texts.keep(str(location), content)
        documents = read_documents(content, location.target)
        places: Places | None = None
        for document in documents:
            problem, ref = document.problem, None
            if problem is None:
                if document.value is None:
                    continue
                problem = _envelope_problem(document.value)
                if problem is None:
                    ref = entity_ref(document.value)
                    problem = self._emit_entity(document.value, ref, location, context)
            if problem is not None and problem.line is None:
                places = places or Places(content, documents)
                problem = problem.at(location.target, *places.of(document, problem.path))
            context.documents.append(Emitted(location.target, document.line, ref, problem))
            if problem is None:
                continue
            context.problems.append(problem)
            context.kept_origins.add(str(location))

    def forget(self, location: LocationRef) -> None:
        """Let go of the text of a location that will not be asked about again."""
        self._texts.forget(str(location))

    def _emit_entity(
        self, value: dict[str, Any], ref: str, location: LocationRef, context: Context
    ) -> Problem | None:
        if len(ref) > MAX_REF:
            return Problem(
                f"the entity reference has {len(ref)} characters; at most {MAX_REF} can be stored",
                ("metadata", "name"),
            )
        if ref == context.ref:
            return None  # a parent that emits itself again; its file is read by whoever emitted it first
        if ref in context.emitted:
            return Problem(f"{ref} is described twice; the first description is used", ("metadata", "name"))
        if not self._rules.allows(value, context.origin):
            return Problem(
                f"Entity {ref} at {location}, originated at {context.origin}, "
                "is not of an allowed kind for that location",
                ("kind",),
                name="NotAllowedError",
            )
        metadata = value["metadata"]
        annotations = metadata.get("annotations")
        given = annotations if isinstance(annotations, dict) else {}
        if annotations is None or isinstance(annotations, dict):
            metadata["annotations"] = {**given, LOCATION: str(location), ORIGIN: str(context.origin)}
        else:
            return Problem("must be an object", ("metadata", "annotations"))
        context.children.append(Deferred(value, str(location), str(location)))
        context.emitted.add(ref)
        return None


def _envelope_problem(value: Any) -> Problem | None:
    """What keeps a document from being stored at all; everything else is a status of its own entity."""
    if not isinstance(value, dict):
        kind = _JSON_TYPES.get(type(value), type(value).__name__)
        return Problem(f"Expected object at root, got {kind}")
    for key in ("apiVersion", "kind"):
        if not isinstance(value.get(key), str) or not value[key]:
            return Problem("must be a non-empty string", (key,))
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        return Problem("must be an object", ("metadata",))
    if not isinstance(metadata.get("name"), str) or not metadata["name"]:
        return Problem("must be a non-empty string", ("metadata", "name"))
    if metadata.get("namespace") is not None and not isinstance(metadata["namespace"], str):
        return Problem("must be a string", ("metadata", "namespace"))
    return None


class FileReaderProcessor:
    """Reads targets of type `file`."""

    name = "FileReaderProcessor"

    def __init__(self, emitter: Emitter, confinement: Confinement) -> None:
        self._emitter = emitter
        self._confinement = confinement

    async def read_location(self, spec: LocationSpec, context: Context) -> bool:
        if spec.type != "file":
            return False
        target = spec.target
        opened = None  # the operator's own target may lead anywhere
        if context.location.target != target:
            opened = self._confinement.checking(context.location, context.origin, spec.target)
            target = self._confinement.resolve(context.location, target, context.origin)
            if not is_glob(target) and context.location.type == "file" and target == context.location.target:
                raise NotAllowedError("the location points at its own file")
        paths = expand(target)
        if not paths and spec.presence != "optional":
            raise NotFoundError(f"file {target} matches no file")
        context.refresh_keys.add(GLOB_KEY if is_glob(target) else f"file:{target}")
        for path in paths:
            context.refresh_keys.add(f"file:{path}")
            if path == context.location.target and is_glob(target):
                continue
            if is_glob(target):
                # Links among the matches must not lead outside; what the operator's own glob matches may.
                if context.location.target != spec.target:
                    self._confinement.resolve(context.location, path, context.origin)
            elif os.path.isdir(path):  # noqa: ASYNC240 - files are read in this thread as well
                raise NotFoundError(f"file {path} is a folder")
            location = LocationRef("file", path)
            try:
                self._emitter.emit(read_file(path, opened=opened), location, context)
            except NotFoundError:
                if spec.presence != "optional":
                    raise
            except CallboardError as error:
                context.kept_origins.add(str(location))
                context.problems.append(Problem(str(error), name=error.name, source=path))
        return True


class UrlReaderProcessor:
    """Reads targets of type `url`; a target whose etag did not change is not read again."""

    name = "url-reader"

    def __init__(self, emitter: Emitter, reader: UrlReader, integrations: Integrations) -> None:
        self._emitter = emitter
        self._reader = reader
        self._integrations = integrations

    async def read_location(self, spec: LocationSpec, context: Context) -> bool:
        if spec.type != "url":
            return False
        target = spec.target
        if context.location.type == "url" and "://" not in target:
            target = self._integrations.resolve_url(context.location.target, target)
        context.refresh_keys.add(f"url:{target}")
        cache: dict[str, Any] = context.cache.setdefault(self.name, {})
        try:
            found = await self._read(target, cache)
        except NotFoundError:
            if spec.presence == "optional":
                return True
            raise
        except CallboardError as error:
            raise type(error)(f"Unable to read url, {error}") from None
        for url, text in found:
            self._emitter.emit(text, LocationRef("url", url), context)
        return True

    async def _read(self, target: str, cache: dict[str, Any]) -> list[tuple[str, bytes]]:
        if is_glob(target.split("?", 1)[0]):
            return [(result.url, result.content) for result in await self._reader.search(target)]
        known = cache.get(target)
        try:
            result = await self._reader.read(target, etag=known["etag"] if known else None)
        except NotModifiedError:
            if known is None:
                raise
            return [(target, known["text"].encode())]
        if result.etag:
            cache[target] = {"etag": result.etag, "text": result.content.decode(errors="surrogateescape")}
            if "\udc80" <= max(cache[target]["text"], default="") <= "\udcff":
                del cache[target]  # not UTF-8: it cannot be stored as text, and is an error anyway
        return [(target, result.content)]
