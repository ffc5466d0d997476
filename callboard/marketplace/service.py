"""The shelves as routes and pages take them from their context."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from callboard.core.errors import ServiceUnavailableError
from callboard.marketplace.figures import Figures, NoFigures
from callboard.marketplace.shelf import Shelves
from callboard.plugins import PluginContext

_shelves: WeakKeyDictionary[PluginContext, Shelves] = WeakKeyDictionary()


def figures(context: PluginContext) -> Figures:
    """The figures that were offered (`offers.offer(Figures, …)`), or none."""
    try:
        return context.get(Figures)  # type: ignore[type-abstract]  # offered under the protocol's own type
    except ServiceUnavailableError:
        return NoFigures()


def shelves(context: PluginContext) -> Shelves:
    """The shelf of every visitor; all parts of the plugin share them."""
    known = _shelves.get(context)
    if known is None:
        known = _shelves[context] = Shelves(figures(context))
    return known
