"""Notes which entities have which links, as they are processed. It changes no entity and reads no link."""

from __future__ import annotations

from callboard.catalog.ingest.contract import Context, Entity
from callboard.plugins import PluginContext
from callboard.plugins.storage import PluginStorage
from callboard_links_checker.results import Results, links_of


class LinksProcessor:
    """Writes only when the links differ from those of the last time, which the entity's cache holds."""

    name = "LinksChecker"

    def __init__(self, results: Results) -> None:
        self._results = results

    async def post_process(self, entity: Entity, context: Context) -> Entity:
        urls = links_of(entity)
        known = context.cache.get(self.name)
        if known is None:
            # The first time, or the cache was lost: most entities have no links and had none.
            if urls or await self._results.has_noted(context.ref):
                await self._results.note(context.ref, urls)
        elif known != urls:
            await self._results.note(context.ref, urls)
        context.cache[self.name] = urls
        return entity


def made(context: PluginContext) -> LinksProcessor:
    return LinksProcessor(Results(context.get(PluginStorage)))
