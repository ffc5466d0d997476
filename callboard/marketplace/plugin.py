"""What the Marketplace contributes: kinds, intake, the read API, and what stands in other folders."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from starlette.routing import BaseRoute

from callboard.catalog.contributions import EntityKind, EntityProcessor, EntityProvider
from callboard.catalog.index import Index
from callboard.catalog.query import Queries
from callboard.catalog.visibility import Visibility
from callboard.core.config import Config
from callboard.core.errors import ServiceUnavailableError
from callboard.core.reader import UrlReader
from callboard.marketplace.extensions_api import extension_routes
from callboard.marketplace.installed import nothing, of_admin
from callboard.marketplace.intake.book import Book
from callboard.marketplace.intake.following import FollowingProvider
from callboard.marketplace.intake.lifecycle import NoTimes, PublishTimes
from callboard.marketplace.intake.processor import Answers, ExtensionsProcessor
from callboard.marketplace.intake.sources import SourcesProcessor, SourcesProvider
from callboard.marketplace.kinds import declarations
from callboard.marketplace.obtain import SCHEME, find_wheel
from callboard.marketplace.settings import read_sources
from callboard.plugins import Contribution, Need, Plugin, PluginContext
from callboard.plugins.admin import PluginAdmin
from callboard.plugins.contributions import PackageSource, Router

_answers: WeakKeyDictionary[Index, Answers] = WeakKeyDictionary()
"""What the processor was told, for the provider that follows the same catalog."""


def _told(context: PluginContext) -> tuple[Queries, Answers]:
    queries = context.get(Queries)
    return queries, _answers.setdefault(queries.index, Answers())


def _extensions(context: PluginContext) -> ExtensionsProcessor:
    queries, answers = _told(context)
    return ExtensionsProcessor(Book(queries), answers)


def _following(context: PluginContext) -> FollowingProvider:
    return FollowingProvider(*_told(context))


def times(context: PluginContext) -> PublishTimes:
    """The publish times that the pipelines offer, or none."""
    try:
        return context.get(PublishTimes)  # type: ignore[type-abstract]  # offered under the protocol's own type
    except ServiceUnavailableError:
        return NoTimes()


def _sources(context: PluginContext) -> SourcesProcessor:
    sources = read_sources(context.get(Config))
    return SourcesProcessor(sources, context.get(UrlReader), times(context))


def _given(context: PluginContext) -> SourcesProvider:
    return SourcesProvider(read_sources(context.get(Config)))


INTAKE: tuple[Contribution, ...] = (
    EntityProcessor("MarketplaceExtensionsProcessor", _extensions, priority=30),
    EntityProcessor("MarketplaceSourcesProcessor", _sources),
    EntityProvider(FollowingProvider.name, _following),
    EntityProvider(SourcesProvider.name, _given),
)


def _routes(context: PluginContext) -> Sequence[BaseRoute]:
    try:
        installed = of_admin(context.get(PluginAdmin))
    except ServiceUnavailableError:
        installed = nothing
    return extension_routes(context.get(Visibility), installed)


ROUTES: tuple[Contribution, ...] = (Router(_routes, root=True),)

PLUGIN = Plugin(
    id="marketplace",
    title="Marketplace",
    description="Plugins to look for, compare and install, with who publishes them and how they fare.",
    needs=(
        Need("catalog.read", "Shows listings, and looks up what they name."),
        Need("catalog.write", "Takes in listings, releases and publishers."),
        Need("network", "Reads directories of plugins that the configuration names."),
        Need("identity", "Shows everyone what they may see."),
        Need("database", "Keeps applications, submissions and tokens."),
    ),
    contributions=(
        *(EntityKind(one) for one in declarations()),
        *INTAKE,
        *ROUTES,
        PackageSource(SCHEME, find_wheel),
    ),
)
