"""What providers and processors are: the two ways in which code feeds the catalog.

A *provider* says which entities exist (a folder, an organisation in a source host). A *processor* completes
one entity: it changes it, emits children and relations, or reads a location. Both are plain classes with the
attributes below; a hook that a processor lacks costs nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from callboard.core.errors import Problem
from callboard.model.refs import LocationRef

Entity = dict[str, Any]

LOCATION = "backstage.io/managed-by-location"
ORIGIN = "backstage.io/managed-by-origin-location"
PASTED = "pasted"
"""The type of the location of a text that someone pasted: nothing can be read relative to it."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """An entity to take in. `location_key` names the owner of its ref: a second owner is a conflict.

    `origin` is the file or URL that a parent read it from; empty for providers.
    """

    entity: Entity
    location_key: str | None = None
    origin: str = ""


class Emitted(NamedTuple):
    """One document of a source: its place, whom it describes if that can be told, and what is wrong."""

    source: str
    line: int
    ref: str | None
    problem: Problem | None


@dataclass(slots=True)
class Context:
    """What a processor sees of the entity at hand, and where it puts its results."""

    ref: str
    location: LocationRef
    origin: LocationRef
    cache: dict[str, Any]
    """This run's cache, by processor name; kept for the next run when the run succeeds."""
    children: list[Deferred] = field(default_factory=list)
    relations: set[tuple[str, str, str]] = field(default_factory=set)
    """`(source ref, type, target ref)`."""
    refresh_keys: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    kept_origins: set[str] = field(default_factory=set)
    """Origins that could not be read whole: their former children stay."""
    reads: bool = False
    """True when the result depends on something outside the entity, so that it is refreshed by the clock."""
    may_have_placeholder: bool = True
    """See `process.Claimed`."""
    emitted: set[str] = field(default_factory=set)
    """Refs of `children`."""
    documents: list[Emitted] = field(default_factory=list)
    """What the reader of a Location met, healthy or not."""


@dataclass(frozen=True, slots=True)
class LocationSpec:
    """One target of a Location entity. `presence` is `required` or `optional`."""

    type: str
    target: str
    presence: str = "required"

    def __str__(self) -> str:
        return f"{self.type}:{self.target}"


class Processor(Protocol):
    """At least `name`; further `priority` (default 20, lower runs first), `version`, and any of the hooks

    - `async pre_process(entity, context) -> entity`: complete the entity before it is validated
    - `async validate_kind(entity) -> bool`: True when the kind is known and the entity is right
    - `async read_location(spec, context) -> bool`: read a target; True when this processor knows its type
    - `async post_process(entity, context) -> entity`: emit relations and children

    Hooks raise `CallboardError` for a mistake in input: it becomes a status of the entity, nothing more.
    """

    name: str


class Connection(Protocol):
    """What a provider is given to say what exists."""

    async def apply_full(self, entities: Sequence[Deferred], *, guarded: bool = True) -> None:
        """These are all of the provider's entities. A sudden loss of many is held back when `guarded`."""

    async def apply_delta(self, added: Sequence[Deferred] = (), removed: Sequence[str] = ()) -> None:
        """Add or change some entities; `removed` holds entity refs."""

    async def refresh(self, keys: Sequence[str]) -> None:
        """Process again every entity that emitted one of these refresh keys."""

    async def failed(self, message: str) -> None:
        """Nothing could be learned this time. What was given before stays; operators see the message."""


class Provider(Protocol):
    """`connect` is called once at start; the provider then mutates whenever it learns of something.

    One that runs by the clock may say when it will run next: `next_run_at`, in seconds since 1970, or None.
    """

    name: str

    async def connect(self, connection: Connection) -> None: ...


Hook = Callable[..., Awaitable[Any]]
