"""Finds the plugins that are installed beside Callboard: entry points of the group `callboard.plugins`.

A distribution declares `name = "package.module:PLUGIN"`. What cannot be loaded is left out and told in the
log, so that one broken plugin takes nothing else down.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

import structlog

from callboard.plugins import Plugin

log = structlog.get_logger(__name__)
GROUP = "callboard.plugins"


def installed(taken: Iterable[str] = ()) -> list[Plugin]:
    """The plugins by the names of their entry points; `taken` are ids that others have already."""
    ids = set(taken)
    found: list[Plugin] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        plugin = _loaded(entry)
        if plugin is None:
            continue
        if plugin.id in ids:
            log.error("a plugin is left out: its id is taken", plugin=plugin.id, entry_point=entry.value)
            continue
        ids.add(plugin.id)
        found.append(plugin)
    return found


def _loaded(entry: EntryPoint) -> Plugin | None:
    try:
        plugin = entry.load()
    except Exception:  # it runs code that is not ours
        log.exception("a plugin is left out: it cannot be loaded", entry_point=entry.value)
        return None
    if not isinstance(plugin, Plugin):
        log.error("a plugin is left out: the entry point is no Plugin", entry_point=entry.value)
        return None
    return plugin
