"""What the catalog itself contributes: the processors that every entity goes through."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from callboard.catalog.api.reads import read_routes
from callboard.catalog.api.writes import write_routes
from callboard.catalog.contributions import EntityProcessor, PlaceholderResolver, Resolvers
from callboard.catalog.gate import gate
from callboard.catalog.ingest.annotate import AnnotateProcessor
from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.kinds import KindsProcessor
from callboard.catalog.ingest.placeholders import BUILTIN, PlaceholderProcessor
from callboard.catalog.ingest.readers import Emitter, FileReaderProcessor, UrlReaderProcessor
from callboard.catalog.permissions import PERMISSIONS, RULES
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.catalog.visibility import Visibility
from callboard.core.config import Config
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.model import Model
from callboard.plugins import Need, Plugin, PluginContext
from callboard.plugins.contributions import Router


def _placeholders(context: PluginContext) -> PlaceholderProcessor:
    return PlaceholderProcessor(
        context.get(UrlReader), context.get(Integrations), context.get(Confinement), context.get(Resolvers)
    )


def _annotate(context: PluginContext) -> AnnotateProcessor:
    return AnnotateProcessor(context.get(Integrations))


def _kinds(context: PluginContext) -> KindsProcessor:
    return KindsProcessor(context.get(Model))


def _files(context: PluginContext) -> FileReaderProcessor:
    return FileReaderProcessor(context.get(Emitter), context.get(Confinement))


def _urls(context: PluginContext) -> UrlReaderProcessor:
    return UrlReaderProcessor(context.get(Emitter), context.get(UrlReader), context.get(Integrations))


def _routes(context: PluginContext) -> Sequence[BaseRoute]:
    catalog, visibility = context.get(Catalog), context.get(Visibility)
    strategy = context.get(Config).string("catalog.defaultLocationConflictStrategy", "reject")
    return [
        *read_routes(context.get(Queries), gate(catalog), "", visibility=visibility),
        *write_routes(catalog, on_conflict=strategy, visibility=visibility),
    ]


PLUGIN = Plugin(
    id="catalog",
    title="Software catalog",
    description="Entities from files, URLs and providers: related, validated, searched and served.",
    needs=(
        Need("network", "Reads the descriptors that locations name."),
        Need("catalog.read", "Answers what the catalog holds."),
        Need("catalog.write", "Completes entities and takes them in."),
        Need("identity", "Shows everyone what they may see."),
    ),
    contributions=(
        *PERMISSIONS,
        *RULES,
        Router(_routes),
        *(PlaceholderResolver(key, resolve) for key, resolve in BUILTIN.items()),
        EntityProcessor("PlaceholderProcessor", _placeholders, priority=0),
        EntityProcessor("AnnotateLocationEntityProcessor", _annotate),
        EntityProcessor("BuiltinKindsEntityProcessor", _kinds),
        EntityProcessor("FileReaderProcessor", _files),
        EntityProcessor("url-reader", _urls),
    ),
)
