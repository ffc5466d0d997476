"""Substitution of `$text`, `$json` and `$yaml`: an object with that one key becomes the content it names.

The value is a URL or a path relative to the entity's location. A file may only name files that `Confinement`
admits, a URL only files of its own repository: a descriptor is written by anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import PASTED, Context, Entity
from callboard.catalog.sources.files import read_file
from callboard.core.errors import CallboardError, InputError, NotAllowedError, NotModifiedError, Path, Problem
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.core.yaml import read_documents
from callboard.core.yaml_values import has_nul

Resolver = Callable[[bytes, str], Any]
STAND_IN = "\u2026 the content of "
"""Begins what stands for a placeholder in a pasted text, which has no place that others are relative to."""
MAX_DEPTH = 128
"""What YAML allows as well."""


def _text(content: bytes, source: str) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{source} is not UTF-8 text") from None
    if "\0" in text:
        raise InputError(f"{source} holds a NUL character, so that it is no text")
    return text


def _json(content: bytes, source: str) -> Any:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{source} is not valid JSON: {error}") from None
    # What YAML refuses must not come in by this door: it could not be stored, or not be written again.
    if _is_deeper(value, MAX_DEPTH):
        raise InputError(f"{source} is nested too deeply (more than {MAX_DEPTH} levels)")
    if has_nul(value):
        raise InputError(f"{source} holds a NUL character in a text")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def _yaml(content: bytes, source: str) -> Any:
    documents = read_documents(content, source)
    if len(documents) != 1:
        raise InputError(f"{source} must hold exactly one YAML document but holds {len(documents)}")
    if documents[0].problem is not None:
        raise InputError(str(documents[0].problem))
    return documents[0].value


BUILTIN: dict[str, Resolver] = {"text": _text, "json": _json, "yaml": _yaml}


class PlaceholderProcessor:
    """Runs first, so that everything after it sees the content. `resolvers` are what `$<name>` stands for."""

    name = "PlaceholderProcessor"
    priority = 0

    def __init__(
        self,
        reader: UrlReader,
        integrations: Integrations,
        confinement: Confinement,
        resolvers: Mapping[str, Resolver],
    ) -> None:
        self._confinement = confinement
        self._reader = reader
        self._integrations = integrations
        self._resolvers = resolvers

    async def pre_process(self, entity: Entity, context: Context) -> Entity:
        if not context.may_have_placeholder or not _has_placeholder(entity):
            return entity
        completed: Entity = await self._walk(entity, (), context)
        return completed

    async def _walk(self, value: Any, path: Path, context: Context) -> Any:
        if isinstance(value, list):
            return [await self._walk(item, (*path, index), context) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            key, argument = next(iter(value.items()))
            resolver = self._resolvers.get(key[1:]) if key.startswith("$") else None
            if resolver is not None:
                return await self._resolve(key, argument, resolver, path, context)
        return {key: await self._walk(item, (*path, key), context) for key, item in value.items()}

    async def _resolve(
        self, key: str, argument: Any, resolver: Resolver, path: Path, context: Context
    ) -> Any:
        if context.location.type == PASTED:
            return f"{STAND_IN}{argument}"
        try:
            if not isinstance(argument, str) or not argument.strip():
                raise InputError("must be a string that holds a URL or a relative path")
            content, source = await self._read(argument, context)
            return resolver(content, source)
        except NotModifiedError:
            raise
        except CallboardError as error:
            context.problems.append(
                Problem(
                    f"Placeholder {key} could not read location {argument}, {error}", path, name=error.name
                )
            )
            return None

    async def _read(self, argument: str, context: Context) -> tuple[bytes, str]:
        context.reads = True
        base = context.location
        if base.type == "file" and "://" not in argument:
            path = self._confinement.resolve(base, argument, context.origin)
            context.refresh_keys.add(f"file:{path}")
            return read_file(path, opened=self._confinement.checking(base, context.origin, argument)), path
        if base.type == "file":
            url = argument
        else:
            url = self._integrations.resolve_url(base.target, argument)
            known = self._integrations.by_url(base.target) is not None
            if known and not self._integrations.same_repository(base.target, url):
                raise NotAllowedError(
                    "Placeholder may only reference files from the same repository as the entity"
                )
        context.refresh_keys.add(f"url:{url}")
        return (await self._reader.read(url)).content, url


def _has_placeholder(value: Any, depth: int = 0) -> bool:
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).startswith("$"):
            return True
        return depth < MAX_DEPTH and any(
            _has_placeholder(item, depth + 1) for item in value.values() if isinstance(item, dict | list)
        )
    if isinstance(value, list):
        return depth < MAX_DEPTH and any(
            _has_placeholder(item, depth + 1) for item in value if isinstance(item, dict | list)
        )
    return False
