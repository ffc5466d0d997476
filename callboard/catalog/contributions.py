"""What a plugin can add to the catalog: kinds, providers, processors and placeholders.

Callboard's own are contributed in the same way, by `catalog/plugin.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.catalog.ingest.contract import Processor, Provider
from callboard.plugins import Contribution, PluginContext


@dataclass(frozen=True, slots=True)
class EntityKind(Contribution):
    """A kind of entity, declared as `catalog.kinds` declares one (see the reference of kinds)."""

    declaration: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntityProvider(Contribution):
    """Says which entities exist. `make` is called when the plugin goes live; `name` is the provider's."""

    name: str
    make: Callable[[PluginContext], Provider]


@dataclass(frozen=True, slots=True)
class EntityProcessor(Contribution):
    """Completes entities; `make` gives an object with hooks (see `ingest.contract.Processor`).

    Processors run by `priority`, the lower first. A new `version` makes every entity be processed again.
    One that `reads` something outside the entity runs beside others of its kind instead of after them.
    """

    name: str
    make: Callable[[PluginContext], Processor]
    version: int = 1
    priority: int = 20
    reads: bool = False
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class PlaceholderResolver(Contribution):
    """What `$<key>` stands for: `resolve(content, source)` gives the value of what was read."""

    key: str
    resolve: Callable[[bytes, str], Any]


class Resolvers(dict[str, Callable[[bytes, str], Any]]):
    """What every `$<key>` stands for, of all plugins."""
