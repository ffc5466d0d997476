"""The processor of the extension kinds: a Plugin brings a Listing, a Package its Releases.

What it needs to know of other entities it takes from the read index, and tells `Answers` what it was told, so
that the entity is processed again when that would be something else.
"""

from __future__ import annotations

from callboard.catalog.ingest.contract import Context, Entity
from callboard.core.errors import Problem
from callboard.marketplace.intake.book import Book, Known
from callboard.marketplace.intake.extensions import (
    is_extension,
    listing_of,
    named_packages,
    named_plugins,
    npm_name,
    releases_of,
)
from callboard.marketplace.intake.making import placed
from callboard.marketplace.intake.repair import repaired
from callboard.marketplace.reading import mapping, ref_in, text
from callboard.model.refs import entity_ref


class Answers:
    """What entities were told, by reference, and the names they asked for."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[str, tuple[str, ...], Known]] = {}
        """Kind, names and answer."""
        self.settled = False
        """False until the catalog is quiet for the first time: until then nothing is called missing."""

    def ask(self, book: Book, kind: str, ref: str, names: tuple[str, ...]) -> Known:
        """What is known of these names, remembered for `changed`."""
        known = self._look(book, kind, ref, names)
        self.told[ref] = (kind, names, known)
        return known

    def stale(self, book: Book, ref: str) -> bool:
        """Whether the entity would be told something else now."""
        kind, names, known = self.told[ref]
        return self._look(book, kind, ref, names) != known

    def _look(self, book: Book, kind: str, ref: str, names: tuple[str, ...]) -> Known:
        found = {"Plugin": book.plugin, "Package": book.package}.get(kind, book.collection)(ref, names)
        return found if self.settled else Known(found.parts, found.listings)


def refresh_key(ref: str) -> str:
    return f"marketplace:{ref}"


class ExtensionsProcessor:
    """Mends, reads and relates the extension kinds. Faults are told on the entity, which stays."""

    name = "MarketplaceExtensionsProcessor"

    def __init__(self, book: Book, answers: Answers) -> None:
        self._book = book
        self._answers = answers

    async def pre_process(self, entity: Entity, context: Context) -> Entity:
        return repaired(entity) if is_extension(entity) else entity

    async def post_process(self, entity: Entity, context: Context) -> Entity:
        if not is_extension(entity):
            return entity
        ref, kind = entity_ref(entity), entity["kind"]
        context.refresh_keys.add(refresh_key(ref))
        names = named_packages(entity) if kind == "Plugin" else named_plugins(entity)
        known = self._answers.ask(self._book, kind, ref, names)
        if kind == "Plugin":
            self._plugin(entity, ref, known, context)
        elif kind == "Package":
            self._package(entity, ref, known, context)
        else:
            for listing in known.listings:
                context.relations |= {(ref, "hasPart", listing), (listing, "partOf", ref)}
            _missing(context, "plugins", "plugin", known.missing)
        return entity

    def _plugin(self, entity: Entity, ref: str, known: Known, context: Context) -> None:
        there = tuple(part for part in known.parts if part.npm is not None)
        parts = known.parts if self._answers.settled else there
        context.children.append(placed(listing_of(entity, parts), str(context.location), str(context.origin)))
        _missing(context, "packages", "package", known.missing)

    def _package(self, entity: Entity, ref: str, known: Known, context: Context) -> None:
        if not npm_name(entity):
            context.problems.append(
                Problem("must be the name of the package on npm", ("spec", "packageName"))
            )
        elif not text(mapping(entity.get("spec")).get("version")):
            context.problems.append(Problem("is needed to make a release of it", ("spec", "version")))
        for release in releases_of(entity, known.listings):
            context.children.append(placed(release, str(context.location), str(context.origin)))
        # A plugin that is not there is no fault of its package: many catalogs hold packages alone.
        namespace = ref.partition(":")[2].partition("/")[0]
        gone = (ref_in(name, "plugin", namespace) for name in known.missing)
        plugins = [f"plugin:{listing.partition(':')[2]}" for listing in known.listings]
        for plugin in [*plugins, *gone]:
            if plugin:
                context.relations |= {(ref, "partOf", plugin), (plugin, "hasPart", ref)}


def _missing(context: Context, field: str, what: str, names: tuple[str, ...]) -> None:
    for name in names:
        context.problems.append(
            Problem(f'names the {what} "{name}", which is not in the catalog', ("spec", field))
        )
