"""What the Marketplace contributes: kinds, intake, the read API, and what stands in other folders."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from callboard.catalog.contributions import EntityProcessor, EntityProvider
from callboard.catalog.index import Index
from callboard.catalog.query import Queries
from callboard.marketplace.intake.book import Book
from callboard.marketplace.intake.following import FollowingProvider
from callboard.marketplace.intake.processor import Answers, ExtensionsProcessor
from callboard.marketplace.kinds import entity_kinds
from callboard.plugins import Contribution, Need, Plugin, PluginContext

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


INTAKE: tuple[Contribution, ...] = (
    EntityProcessor("MarketplaceExtensionsProcessor", _extensions, priority=30),
    EntityProvider(FollowingProvider.name, _following),
)

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
        *entity_kinds(),
        *INTAKE,
    ),
)
