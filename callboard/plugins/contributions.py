"""The kinds of contribution that belong to no feature: routes, tasks, events, and actions for agents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute

from callboard.plugins.context import PluginContext
from callboard.plugins.contract import Contribution

JsonObject = Mapping[str, Any]
"""JSON, hence Any."""


@dataclass(frozen=True, slots=True)
class Router(Contribution):
    """HTTP routes below `/api/<id of the plugin>`, made once when the plugin goes live.

    Only what is signed in reaches them, unless `public`: then each route answers for itself.
    """

    make: Callable[[PluginContext], Sequence[BaseRoute]]
    public: bool = False


@dataclass(frozen=True, slots=True)
class ScheduledTask(Contribution):
    """Work by the clock, on one node at a time: every `every` seconds, for `timeout` seconds at most."""

    id: str
    run: Callable[[PluginContext], Awaitable[None]]
    every: float
    title: str = ""
    timeout: float = 600.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `payload` is JSON, hence Any."""

    topic: str
    payload: Any
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventSubscriber(Contribution):
    """Is given every event of its topics, one after another."""

    id: str
    topics: tuple[str, ...]
    handle: Callable[[PluginContext, Event], Awaitable[None]]
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class Action(Contribution):
    """Something that agents (and people) can do, as Backstage's actions registry has it (contract note C8).

    `input` and `output` are JSON Schemas of objects. `permission` names what a caller must be allowed; who is
    not does not see the action.
    """

    name: str
    title: str
    description: str
    input: JsonObject
    output: JsonObject
    run: Callable[[PluginContext, JsonObject], Awaitable[JsonObject]]
    read_only: bool = False
    destructive: bool = True
    idempotent: bool = False
    permission: str | None = None
