"""Finds the plugins that are installed beside Callboard: entry points of the group `callboard.plugins`.

A distribution declares `name = "package.module:PLUGIN"`. What cannot be loaded is found too, as broken.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import structlog

from callboard.plugins.contract import Plugin
from callboard.plugins.live import Found

log = structlog.get_logger(__name__)
GROUP = "callboard.plugins"


def beside(apart: Path | None = None) -> list[Found]:
    """The plugins of this environment, by the names of their entry points.

    `apart` is the folder of those that were installed at run time: Python's path leads there once they run.
    """
    entries = [one for one in entry_points(group=GROUP) if apart is None or not _below(one, apart)]
    return [_loaded(entry) for entry in sorted(entries, key=lambda one: one.name)]


def builtin(plugins: Iterable[Plugin]) -> list[Found]:
    """The parts of Callboard itself."""
    return [Found(plugin.id, "callboard", plugin) for plugin in plugins]


def _below(entry: EntryPoint, folder: Path) -> bool:
    return entry.dist is not None and Path(str(entry.dist.locate_file(""))).is_relative_to(folder)


def _loaded(entry: EntryPoint) -> Found:
    version = entry.dist.version if entry.dist is not None else ""
    try:
        plugin = entry.load()
    except Exception as error:  # it runs code that is not ours
        log.exception("a plugin cannot be loaded", entry_point=entry.value)
        return Found(
            entry.name, "beside", None, version, f"cannot be loaded: {type(error).__name__}: {error}"
        )
    if not isinstance(plugin, Plugin):
        log.error("an entry point is no plugin", entry_point=entry.value)
        return Found(entry.name, "beside", None, version, f"{entry.value} is no Plugin")
    return Found(plugin.id, "beside", plugin, version)
