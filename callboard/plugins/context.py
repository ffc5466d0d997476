"""What the code of a plugin is given when it runs: its configuration, its log, the services it asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel

from callboard.core.errors import NotAllowedError, ServiceUnavailableError
from callboard.plugins.contract import NeedName, Plugin

T = TypeVar("T")


class Offers:
    """The services of one process, by their types. Features offer them while the process starts."""

    def __init__(self) -> None:
        self._offered: dict[type[Any], tuple[Callable[[Plugin], Any], NeedName | None]] = {}

    def offer(self, kind: type[T], service: T, need: NeedName | None = None) -> None:
        """Offer a service to the plugins that declare `need` (None: to all)."""
        self._offered[kind] = (lambda _: service, need)

    def offer_each(self, kind: type[T], make: Callable[[Plugin], T], need: NeedName | None = None) -> None:
        """Offer a service of which each plugin has its own."""
        self._offered[kind] = (make, need)

    def find(self, kind: type[T], plugin: Plugin) -> T:
        """The service. Raises NotAllowedError without the need, ServiceUnavailableError if there is none."""
        if kind not in self._offered:
            raise ServiceUnavailableError(f"{kind.__name__} is not offered to plugins here")
        make, need = self._offered[kind]
        if need is not None and need not in {one.name for one in plugin.needs}:
            raise NotAllowedError(f"The plugin {plugin.id} uses {kind.__name__} without the need {need}")
        found: T = make(plugin)
        return found


class PluginContext:
    """Given to everything of a plugin that runs. `config` is an instance of the plugin's model, or None."""

    def __init__(self, plugin: Plugin, config: BaseModel | None, offers: Offers) -> None:
        self.plugin = plugin
        self.config = config
        self.log = structlog.get_logger(f"callboard.plugin.{plugin.id}").bind(plugin=plugin.id)
        self._offers = offers

    def get(self, kind: type[T]) -> T:
        """A service by its type, such as `UrlReader`; the plugin must declare the need that guards it."""
        return self._offers.find(kind, self.plugin)

    def settings(self, model: type[T]) -> T:
        """The configuration as the model that the plugin declares."""
        if not isinstance(self.config, model):
            raise TypeError(f"the plugin {self.plugin.id} does not declare {model.__name__} as its config")
        return self.config
