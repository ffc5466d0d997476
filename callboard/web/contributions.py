"""What a plugin can add to the pages: pages, entries of the navigation, and tabs and cards of entities."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from callboard.access.permissions import Permission
from callboard.plugins import Contribution

if TYPE_CHECKING:
    from callboard.web.services import Services
    from callboard.web.view import View

Entity = Mapping[str, Any]
"""A final entity as the catalog serves it: JSON, hence Any."""

Handler = Callable[["View"], Awaitable[Response]]
First = Callable[["Services", Request], Awaitable[Response | None]]
"""Answers before a view is made, or leaves the answer to the handler with None."""
Data = Callable[["View", Entity], Awaitable[Mapping[str, Any]]]
"""Gives the variables of a tab's or card's template."""


def always(_: Entity) -> bool:
    """Applies to every entity."""
    return True


@dataclass(frozen=True, slots=True)
class Page(Contribution):
    """A route: `path` in Starlette's syntax. Errors that `handler` raises become error pages.

    `first` is asked before: for those who see a page of their own, such as visitors of a public site, and for
    files. It gets everything of the process, and must look itself at who asks.
    """

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    first: First | None = None


@dataclass(frozen=True, slots=True)
class NavigationItem(Contribution):
    """An entry of the side navigation. It is current on every page whose path begins with `path`.

    With a `permission` it is shown only to those who have it.
    """

    title: str
    path: str
    icon: str
    order: int = 50
    section: str = "main"
    permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class EntityTab(Contribution):
    """A tab of the entity page, shown where `applies`; its URL ends with `id`."""

    id: str
    title: str
    template: str
    data: Data
    applies: Callable[[Entity], bool] = always
    order: int = 50


@dataclass(frozen=True, slots=True)
class EntityCard(Contribution):
    """A card on the overview of an entity. A wide one takes the whole row."""

    id: str
    title: str
    template: str
    data: Data
    applies: Callable[[Entity], bool] = always
    order: int = 50
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """Something of a card that needs attention, with how many there are; of none nothing is shown.

    `one` and `many` go on after the number, `about` says what to do, `path` is where it is looked at.
    """

    tone: Literal["bad", "warn", "note"]
    count: int
    one: str
    many: str
    about: str
    path: str


def no_alerts(data: Mapping[str, Any]) -> Sequence[Alert]:
    """For cards on which nothing waits for anybody."""
    return ()


@dataclass(frozen=True, slots=True)
class OperationsCard(Contribution):
    """A card on the overview of the operations, for those who see that page.

    `data` gives the variables of its template, or None when there is nothing to show. `alerts` gives what of
    them is named under what needs attention.
    """

    id: str
    title: str
    template: str
    data: Callable[[View], Awaitable[Mapping[str, Any] | None]]
    order: int = 50
    alerts: Callable[[Mapping[str, Any]], Sequence[Alert]] = no_alerts


@dataclass(frozen=True, slots=True)
class Templates(Contribution):
    """A folder of Jinja templates, which are named `<feature>/<file>`."""

    feature: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Languages(Contribution):
    """A folder of translations as gettext lays them out: `<language>/LC_MESSAGES/callboard.mo`."""

    folder: Path
