"""The kinds of contribution that belong to no feature: routes, tasks and event subscribers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute

from callboard.plugins.context import PluginContext
from callboard.plugins.contract import Contribution

if TYPE_CHECKING:
    from callboard.plugins.install import Notice, Plan


@dataclass(frozen=True, slots=True)
class Router(Contribution):
    """HTTP routes below `/api/<id of the plugin>` (at the `root`: where they say), made as it goes live.

    Every request passes those that are `first`: for few routes that tell at once whether one is theirs.
    """

    make: Callable[[PluginContext], Sequence[BaseRoute]]
    root: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class ScheduledTask(Contribution):
    """Work by the clock, on one node at a time: every `every` seconds, for `timeout` seconds at most."""

    id: str
    run: Callable[[PluginContext], Awaitable[None]]
    every: float
    title: str = ""
    timeout: float = 600.0


@dataclass(frozen=True, slots=True)
class PackageSource(Contribution):
    """Where plugins to install come from besides the index and folders: `<scheme>:<what>` is asked of `find`.

    It gives the file name and the content of one wheel, for `what` as people write it; as an `OfferedWheel`
    also what is stated about its making.
    """

    scheme: str
    find: Callable[[PluginContext, str], Awaitable[tuple[str, bytes] | OfferedWheel]]


@dataclass(frozen=True, slots=True)
class OfferedWheel:
    """A wheel with the provenance that its source keeps (PEP 740, JSON): who built it, as they state it."""

    filename: str
    content: bytes
    provenance: bytes | None = None


@dataclass(frozen=True, slots=True)
class PlanNotices(Contribution):
    """What speaks against a plan to install something: yanked, deprecated, known to be vulnerable.

    It is shown with the plan and refuses nothing. What `find` raises is told as a notice of its own.
    """

    id: str
    find: Callable[[PluginContext, Plan], Awaitable[Sequence[Notice]]]


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
