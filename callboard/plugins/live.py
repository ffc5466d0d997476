"""Decides which plugins go live: checks each declaration and its configuration, leaves out what is broken.

Only builds values; what takes the contributions (the catalog, the search, the pages) is told by the host.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from callboard.core.config import Config
from callboard.core.errors import Path, field_name
from callboard.plugins.context import Offers, PluginContext
from callboard.plugins.contract import Contribution, Plugin, declaration_problems
from callboard.plugins.health import Health
from callboard.plugins.registry import Registry
from callboard.plugins.settings import Setting

Origin = Literal["callboard", "beside", "installed"]
"""Part of Callboard itself, in the same environment, or installed at run time."""
State = Literal["live", "disabled", "broken"]


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that could run. `plugin` is None where it could not be loaded, `problem` then says why."""

    id: str
    origin: Origin
    plugin: Plugin | None
    version: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """How a plugin stands after a start or a change. `problems` name file, line and field where known."""

    id: str
    title: str
    version: str
    origin: Origin
    state: State
    problems: tuple[str, ...] = ()
    plugin: Plugin | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """The plugins that run, what each is given, and how all that were found stand."""

    registry: Registry
    contexts: Mapping[str, PluginContext]
    statuses: tuple[Status, ...]
    offers: Offers
    health: Health = field(default_factory=Health)

    def context(self, plugin: Plugin) -> PluginContext:
        return self.contexts[plugin.id]

    def failed(self, contribution: Contribution, where: str, error: BaseException) -> None:
        """Note that a contribution failed, against the plugin it is of."""
        self.health.failed(self.registry.owner(contribution).id, where, error)


def go_live(
    found: Iterable[Found],
    config: Config,
    settings: Mapping[str, Setting],
    offers: Offers,
    health: Health | None = None,
) -> Live:
    """Everything that can run does. Of two plugins with one id the first wins."""
    live: list[Plugin] = []
    contexts: dict[str, PluginContext] = {}
    statuses: list[Status] = []
    taken: set[str] = set()
    for one in found:
        setting = settings.get(one.id, Setting())
        plugin, problems = one.plugin, [one.problem] if one.problem else []
        model: BaseModel | None = None
        if one.id in taken:
            plugin, problems = None, [f"the id {one.id} is taken by another plugin"]
        taken.add(one.id)
        disabled = setting.enabled is False and one.origin != "callboard"
        if plugin is not None and not disabled:
            problems = declaration_problems(plugin)
            if not problems:
                model, problems = configured(plugin, config, setting.config)
        title = plugin.title if plugin is not None else one.id
        version = (plugin.version if plugin is not None else "") or one.version
        state: State = "disabled" if disabled else "broken" if problems or plugin is None else "live"
        statuses.append(Status(one.id, title, version, one.origin, state, tuple(problems), plugin))
        if state == "live" and plugin is not None:
            live.append(plugin)
            contexts[plugin.id] = PluginContext(plugin, model, offers)
    return Live(Registry(live), contexts, tuple(statuses), offers, health or Health())


def configured(
    plugin: Plugin, config: Config, over: Mapping[str, Any] | None = None
) -> tuple[BaseModel | None, list[str]]:
    """The plugin's configuration as its model, and every mistake with its place in the file.

    `over` was set at run time and lies over what the files say.
    """
    if plugin.config is None:
        return None, []
    given = config.get((plugin.key,), {})
    if not isinstance(given, dict):
        return None, [str(config.problem((plugin.key,), "must be a mapping"))]
    try:
        return plugin.config.model_validate(merged(given, over or {})), []
    except ValidationError as error:
        return None, [_mistake(plugin, config, one, over) for one in error.errors()]
    except Exception as error:  # a validator of somebody else's code
        return None, [f"its configuration cannot be checked: {type(error).__name__}: {error}"]


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping over another, key by key; lists are replaced whole."""
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        result[key] = merged(known, value) if both else value  # type: ignore[arg-type]  # checked by `both`
    return result


def _mistake(plugin: Plugin, config: Config, error: Any, over: Mapping[str, Any] | None) -> str:
    """`error` is one of pydantic's, a mapping of many shapes, hence Any. Values are not repeated."""
    path: Path = (plugin.key, *error["loc"])
    message = str(error["msg"])
    if error["loc"] and over and error["loc"][0] in over:
        return f"set at run time: {field_name(path)}: {message}"
    return str(config.problem(path, message))
