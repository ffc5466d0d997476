"""What may happen to a submission, by its state and by who acts: data, and questions to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from callboard.core.errors import ConflictError, NotAllowedError

State = Literal[
    "draft",
    "submitted",
    "in-review",
    "changes-requested",
    "approved",
    "published",
    "rejected",
    "withdrawn",
]
Role = Literal["owner", "maintainer", "viewer", "reviewer", "checks"]
"""Members of the publisher, those who review, and the automatic checks."""
Action = Literal[
    "view",
    "edit",
    "submit",
    "pass-checks",
    "fail-checks",
    "comment",
    "request-changes",
    "approve",
    "reject",
    "publish",
    "withdraw",
]

STATES: tuple[State, ...] = (
    "draft",
    "submitted",
    "in-review",
    "changes-requested",
    "approved",
    "published",
    "rejected",
    "withdrawn",
)
ROLES: tuple[Role, ...] = ("owner", "maintainer", "viewer", "reviewer", "checks")
ACTIONS: tuple[Action, ...] = (
    "view",
    "edit",
    "submit",
    "pass-checks",
    "fail-checks",
    "comment",
    "request-changes",
    "approve",
    "reject",
    "publish",
    "withdraw",
)
OPEN: frozenset[State] = frozenset({"draft", "submitted", "in-review", "changes-requested", "approved"})
"""States in which something is still to come."""

_MAKERS: frozenset[Role] = frozenset({"owner", "maintainer"})
_MEMBERS: frozenset[Role] = frozenset({"owner", "maintainer", "viewer"})
_REVIEWERS: frozenset[Role] = frozenset({"reviewer"})
_CHECKS: frozenset[Role] = frozenset({"checks"})

STEPS: Mapping[tuple[State, Action], tuple[State, frozenset[Role]]] = {
    ("draft", "edit"): ("draft", _MAKERS),
    ("draft", "submit"): ("submitted", _MAKERS),
    ("draft", "comment"): ("draft", _MAKERS),
    ("draft", "withdraw"): ("withdrawn", _MAKERS),
    ("submitted", "pass-checks"): ("in-review", _CHECKS),
    ("submitted", "fail-checks"): ("changes-requested", _CHECKS),
    ("submitted", "comment"): ("submitted", _MAKERS | _REVIEWERS),
    ("submitted", "withdraw"): ("withdrawn", _MAKERS),
    ("in-review", "comment"): ("in-review", _MAKERS | _REVIEWERS),
    ("in-review", "request-changes"): ("changes-requested", _REVIEWERS),
    ("in-review", "approve"): ("approved", _REVIEWERS),
    ("in-review", "reject"): ("rejected", _REVIEWERS),
    ("in-review", "withdraw"): ("withdrawn", _MAKERS),
    ("changes-requested", "edit"): ("changes-requested", _MAKERS),
    ("changes-requested", "submit"): ("submitted", _MAKERS),
    ("changes-requested", "comment"): ("changes-requested", _MAKERS | _REVIEWERS),
    ("changes-requested", "reject"): ("rejected", _REVIEWERS),
    ("changes-requested", "withdraw"): ("withdrawn", _MAKERS),
    ("approved", "comment"): ("approved", _MAKERS | _REVIEWERS),
    ("approved", "request-changes"): ("changes-requested", _REVIEWERS),
    ("approved", "reject"): ("rejected", _REVIEWERS),
    ("approved", "publish"): ("published", _MAKERS),
    ("approved", "withdraw"): ("withdrawn", _MAKERS),
    # A draft is its makers' own affair until they hand it in.
    ("draft", "view"): ("draft", _MEMBERS),
    **{(state, "view"): (state, _MEMBERS | _REVIEWERS) for state in STATES if state != "draft"},
}


def possible(state: State, roles: Iterable[Role]) -> list[Action]:
    """What somebody with these roles may do now, in the order of `ACTIONS`."""
    own = frozenset(roles)
    return [action for action in ACTIONS if (step := STEPS.get((state, action))) and step[1] & own]


def after(state: State, action: Action, roles: Iterable[Role]) -> State:
    """The state that an action leads to.

    Raises NotAllowedError where these roles never may, ConflictError where the state does not admit it.
    """
    own = frozenset(roles)
    step = STEPS.get((state, action))
    if step is not None and step[1] & own:
        return step[0]
    if not any(known == action and who & own for (_, known), (_, who) in STEPS.items()):
        raise NotAllowedError(f"You may not do this with the submission: {action}")
    if step is not None:
        raise NotAllowedError(f"You may not do this with a submission that is {words(state)}: {action}")
    raise ConflictError(f"The submission is {words(state)}; {action} is not possible now")


def words(state: str) -> str:
    """A state as it stands in a sentence."""
    return {
        "draft": "a draft",
        "in-review": "in review",
        "changes-requested": "waiting for changes",
    }.get(state, state)
