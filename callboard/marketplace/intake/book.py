"""Looks up plugins, packages and listings in the read index by the names that extension files use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.catalog.index import Index
from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, AnyOf, OneOf
from callboard.core.errors import InputError
from callboard.marketplace.intake.extensions import Part
from callboard.model.refs import parse_ref


@dataclass(frozen=True, slots=True)
class Known:
    """What an entity was told of others: it is looked at again when this would be something else."""

    parts: tuple[Part, ...] = ()
    listings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Book:
    """Over everything in the catalog, whoever may see it: it decides what entities are made of."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    @property
    def index(self) -> Index:
        return self._queries.index

    def plugin(self, ref: str, packages: Sequence[str]) -> Known:
        """What a Plugin with these packages is told."""
        namespace = _namespace(ref)
        parts = tuple(Part(one, self._npm(one, namespace)) for one in packages)
        return Known(parts=parts, missing=tuple(one.written for one in parts if one.npm is None))

    def package(self, ref: str, part_of: Sequence[str]) -> Known:
        """What a Package that says to be part of these plugins is told."""
        namespace = _namespace(ref)
        found: dict[str, None] = {}
        missing = []
        for one in part_of:
            plugin = self.find("plugin", one, namespace)
            if plugin is None:
                missing.append(one)
            else:
                found[_listing(plugin)] = None
        for plugin in self._naming(ref):
            found[_listing(plugin)] = None
        return Known(listings=tuple(found), missing=tuple(missing))

    def collection(self, ref: str, plugins: Sequence[str]) -> Known:
        """What a collection of these plugins is told."""
        namespace = _namespace(ref)
        listings, missing = [], []
        for one in plugins:
            plugin = self.find("plugin", one, namespace)
            listing = _listing(plugin) if plugin is not None else self.find("listing", one, namespace)
            if listing is None:
                missing.append(one)
            else:
                listings.append(listing)
        return Known(listings=tuple(dict.fromkeys(listings)), missing=tuple(missing))

    def _npm(self, written: str, namespace: str) -> str | None:
        """The npm name of a package; a name with a scope is one already."""
        if written.startswith("@") and "/" in written:
            return written
        ref = self.find("package", written, namespace)
        row = None if ref is None else self.index.row(ref)
        names = [] if row is None else self.index.values_of(row, "spec.packagename")
        return names[0] if names else None

    def find(self, kind: str, written: str, namespace: str) -> str | None:
        """An entity as it is named: in the namespace at hand, in `default`, else the only one so called."""
        try:
            ref = parse_ref(written, kind, namespace)
        except InputError:
            return None
        exact = str(ref)
        if self.index.row(exact) is not None:
            return exact
        if "/" in written:
            return None
        usual = f"{kind}:default/{ref.name}".lower()
        if self.index.row(usual) is not None:
            return usual
        where = AllOf((OneOf("kind", (kind,)), OneOf("metadata.name", (ref.name.lower(),))))
        rows = self._queries.rows(where) or EMPTY
        return self.index.ref(rows[0]) if len(rows) == 1 else None

    def _naming(self, ref: str) -> list[str]:
        """The plugins that name a package, which need not name them."""
        namespace, _, name = ref.partition(":")[2].partition("/")
        wanted = (name, f"{namespace}/{name}", ref)
        where = AllOf(
            (
                OneOf("kind", ("plugin",)),
                AnyOf((OneOf("spec.packages", wanted), OneOf("spec.packages.name", wanted))),
            )
        )
        found = sorted(self.index.ref(row) for row in self._queries.rows(where) or EMPTY)
        near = [one for one in found if _namespace(one) == namespace]
        return near or found


def _namespace(ref: str) -> str:
    return ref.partition(":")[2].partition("/")[0]


def _listing(plugin: str) -> str:
    return f"listing:{plugin.partition(':')[2]}"
