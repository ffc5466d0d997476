"""The plugins of one process and their contributions, as features ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from callboard.plugins.contract import Contribution, Plugin

Kind = TypeVar("Kind", bound=Contribution)


class Registry:
    """The plugins in the order given. It never changes: a new set of plugins is a new registry."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self.plugins = tuple(plugins)
        ids = [plugin.id for plugin in self.plugins]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"several plugins have the id {', '.join(sorted(twice))}")
        self._owners = {id(one): plugin for plugin in self.plugins for one in plugin.contributions}

    def owner(self, contribution: Contribution) -> Plugin:
        """The plugin that a contribution, as `of` gave it, comes from."""
        return self._owners[id(contribution)]

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Every contribution of one kind, plugin after plugin."""
        return tuple(one for _, one in self.owned(kind))

    def owned(self, kind: type[Kind]) -> tuple[tuple[Plugin, Kind], ...]:
        """Every contribution of one kind with the plugin it comes from."""
        return tuple(
            (plugin, one) for plugin in self.plugins for one in plugin.contributions if isinstance(one, kind)
        )
