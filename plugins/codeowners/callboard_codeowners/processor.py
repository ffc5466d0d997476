"""Gives entities without an owner the one whom the CODEOWNERS file of their repository names."""

from __future__ import annotations

from typing import Any

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import Context, Entity
from callboard.core.errors import ServiceUnavailableError
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.plugins import PluginContext
from callboard_codeowners.owners import owner_of
from callboard_codeowners.settings import Settings
from callboard_codeowners.sources import Sources, owners_in


class CodeownersProcessor:
    """The entity's cache holds the owners and the etag of the file that named them, so that an unchanged file
    is neither sent nor read again.
    """

    name = "CodeOwnersProcessor"

    def __init__(self, sources: Sources, settings: Settings) -> None:
        self._sources = sources
        self._settings = settings

    async def pre_process(self, entity: Entity, context: Context) -> Entity:
        spec = entity.get("spec")
        if spec is not None and not isinstance(spec, dict):
            return entity  # the validation says so
        if (spec and spec.get("owner")) or not self._settings.takes(entity.get("kind")):
            return entity
        if context.location.type not in ("url", "file"):
            return entity
        context.reads = True  # the file can change without the entity
        owner = owner_of(await self._owners(context), self._settings.mapping)
        return entity if owner is None else {**entity, "spec": {**(spec or {}), "owner": owner}}

    async def _owners(self, context: Context) -> tuple[str, ...]:
        known: dict[str, Any] = context.cache.get(self.name) or {}
        etags = {known["source"]: known["etag"]} if known.get("etag") else {}
        try:
            found = await self._sources.find(context, etags)
        except ServiceUnavailableError:
            if not known:
                raise
            return tuple(known["owners"])  # a host that is away for a moment takes nobody's owner
        if found is None:
            context.cache.pop(self.name, None)
            return ()
        if found.file is None:
            owners = tuple(known["owners"])
        else:
            owners = tuple(await owners_in(found.file, found.path))
        context.cache[self.name] = {"source": found.source, "etag": found.etag, "owners": list(owners)}
        return owners


def made(context: PluginContext) -> CodeownersProcessor:
    sources = Sources(
        context.get(UrlReader), context.get(Integrations), context.get(Confinement), context.log
    )
    return CodeownersProcessor(sources, context.settings(Settings))
