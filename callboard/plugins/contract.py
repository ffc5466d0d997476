"""What a plugin is: data that features understand. Version 1 of the contract.

A plugin is declared once, as a value; nothing in it runs when it is imported. Each feature defines the kinds
of contribution it takes beside the code that uses them (`catalog.contributions`, `search.Collator`,
`web.contributions`, `access.permissions`); those that belong to no feature are in `plugins.contributions`.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from pydantic import BaseModel

API = 1
"""The version of this contract. A plugin names the one it was written for."""

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_ID = 60

NeedName = Literal["catalog.read", "catalog.write", "search", "network", "identity", "database"]


class Contribution:
    """What every kind of contribution derives from; each is a frozen dataclass."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Need:
    """A service that a plugin asks for, and why, in words that people read before they install it.

    - `catalog.read`: entities as everyone may see them, whatever permissions say
    - `catalog.write`: give, change and delete entities
    - `search`: ask the search
    - `network`: read URLs through the safe reader, within `backend.reading.allow`
    - `identity`: who is signed in, and what they may do
    - `database`: tables of its own
    """

    name: NeedName
    why: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """`id` is unique in one portal, lower-case with hyphens; `title` is for people.

    `config` is a pydantic model of the plugin's part of `app-config.yaml`, which stands under `config_key`
    (the id where it is empty). `version` is that of the distribution where it is empty.
    """

    id: str
    title: str
    contributions: tuple[Contribution, ...] = ()
    _: KW_ONLY
    api: int = API
    version: str = ""
    description: str = ""
    config: type[BaseModel] | None = None
    config_key: str = ""
    needs: tuple[Need, ...] = ()

    @property
    def key(self) -> str:
        """The key of the configuration that is the plugin's own."""
        return self.config_key or self.id


def declaration_problems(plugin: Plugin) -> list[str]:
    """What is wrong with a declaration; empty when it can be used."""
    problems = []
    if not isinstance(plugin.id, str) or not ID.fullmatch(plugin.id) or len(plugin.id) > MAX_ID:
        problems.append(f"the id {plugin.id!r} must be lower-case letters, digits and hyphens")
    if plugin.api != API:
        problems.append(f"it is written for version {plugin.api} of the contract; this is version {API}")
    problems += [
        f"{one!r} is no contribution" for one in plugin.contributions if not isinstance(one, Contribution)
    ]
    if plugin.config is not None and not (
        isinstance(plugin.config, type) and issubclass(plugin.config, BaseModel)
    ):
        problems.append("`config` must be a pydantic model")
    return problems
