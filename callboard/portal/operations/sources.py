"""Sources as people know them, and how many entities each Location brought in. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Literal

from callboard.catalog.index import Index
from callboard.catalog.operations import Source
from callboard.catalog.providers import COMMAND_LINE, CONFIGURED, REGISTERED

State = Literal["good", "failed", "gone", "waiting"]

_TITLES = {
    CONFIGURED: "Configuration",
    COMMAND_LINE: "Command line",
    REGISTERED: "Registered locations",
}
_ABOUT = {
    CONFIGURED: "catalog.locations of the configuration",
    COMMAND_LINE: "what the server was started with",
    REGISTERED: "what people imported",
}


def title(name: str) -> str:
    """What a provider is called; those of plugins are called by their name."""
    return _TITLES.get(name, name)


def about(name: str) -> str:
    """Where a provider of ours takes its entities from; nothing for others."""
    return _ABOUT.get(name, "")


def state(source: Source) -> State:
    """How the last run of a source ended."""
    if not source.installed:
        return "gone"
    if source.last_run is None:
        return "waiting"
    return "failed" if source.last_run.error else "good"


def children(index: Index, refs: Collection[str]) -> Counter[str]:
    """How many entities each of these Locations emitted itself."""
    wanted = {ref.lower() for ref in refs}
    counted: Counter[str] = Counter()
    if wanted:
        for row in index.everything:
            counted.update(wanted.intersection(index.parents(row)))
    return counted
