"""The plugin contract: a plugin is data, an id and a list of contributions that features understand.

Each feature defines the kinds of contribution it takes (`search.Collator`, `web.Page`, `web.EntityTab`, …)
beside the code that uses them; this module only carries them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

Kind = TypeVar("Kind", bound="Contribution")


class Contribution:
    """What every kind of contribution derives from."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Plugin:
    """`id` is unique in one process, lower-case with hyphens; `title` is for people."""

    id: str
    title: str
    contributions: tuple[Contribution, ...] = ()


class Registry:
    """The plugins of one process, in the order given."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self.plugins = tuple(plugins)
        ids = [plugin.id for plugin in self.plugins]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"several plugins have the id {', '.join(sorted(twice))}")

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Every contribution of one kind, plugin after plugin."""
        return tuple(one for plugin in self.plugins for one in plugin.contributions if isinstance(one, kind))
