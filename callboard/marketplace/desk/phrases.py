"""What happened at the desk, as a timeline says it after a name: "Pat handed it in". Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callboard.catalog.index import Index
from callboard.marketplace.desk.records import Event
from callboard.web.titles import NAMES

CHECKS = "plugin:callboard"
"""The name under which the automatic checks act."""

PHRASES = {
    # Submissions
    "create": "began it",
    "submit": "handed it in",
    "resubmit": "handed it in again",
    "pass-checks": "let it pass",
    "fail-checks": "sent it back",
    "comment": "said",
    "request-changes": "asked for changes",
    "approve": "approved it",
    "reject": "rejected it",
    "publish": "published it",
    "withdraw": "withdrew it",
    # Publishers
    "apply": "applied",
    "edit": "changed what it says of itself",
    "approved": "approved it",
    "rejected": "rejected it",
    "suspended": "suspended it",
    "resumed": "let it submit and release again",
    "domain": "named a domain",
    "domain-drop": "took a domain away",
    "prove": "proved a domain",
    "member": "changed its members",
    "token": "changed its tokens",
    # Listings
    "release": "released a version",
    "yank": "yanked a version",
    "unyank": "took a yank back",
    "deprecate": "deprecated it",
    "revive": "maintains it again",
    "offer": "offered it to another publisher",
    "offer-back": "took the offer back",
    "accept": "took it over",
    "decline": "declined it",
    "take-down": "took it down",
    "restore": "put it back on the shelf",
}
"""By the actions that the desk writes down."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline. `ref` is the entity of who did it, if the reader's catalog has one."""

    at: float
    who: str
    ref: str
    did: str
    text: str


def told(index: Index, events: Iterable[Event]) -> list[Told]:
    """The events as they are read."""
    return [
        Told(one.at, who(index, one.actor), _ref(index, one.actor), phrase(one.action), one.text)
        for one in events
    ]


def phrase(action: str) -> str:
    """An action as a verb; one that is not known here, as it is written."""
    return PHRASES.get(action, action.replace("-", " "))


def who(index: Index, actor: str) -> str:
    """How people call who acted: a person by the name of the catalog, CI by its publisher."""
    if actor == CHECKS:
        return "The automatic checks"
    if actor.startswith("marketplace:"):
        return f"CI of {actor.removeprefix('marketplace:').partition('/')[0]}"
    if actor in ("callboard:open", "anonymous"):
        return "Somebody"
    row = index.row(actor.lower())
    named = [value for key in NAMES[:-1] for value in index.values_of(row, key)] if row is not None else []
    return named[0] if named else actor.rpartition("/")[2]


def _ref(index: Index, actor: str) -> str:
    return actor if index.row(actor.lower()) is not None else ""
