"""Every (state, action, role) is allowed or refused, and nothing is left to chance."""

from __future__ import annotations

import itertools

import pytest

from callboard.core.errors import ConflictError, NotAllowedError
from callboard.marketplace.desk.states import (
    ACTIONS,
    OPEN,
    ROLES,
    STATES,
    STEPS,
    Action,
    Role,
    State,
    after,
    possible,
)

MAKE, LOOK, JUDGE = "om", "omv", "r"
# One line a state, one word an action that is possible there: who may (o, m, v, r, c) and where it leads.
TABLE: dict[State, dict[Action, tuple[str, State]]] = {
    "draft": {
        "view": (LOOK, "draft"), "edit": (MAKE, "draft"), "submit": (MAKE, "submitted"),
        "comment": (MAKE, "draft"), "withdraw": (MAKE, "withdrawn"),
    },
    "submitted": {
        "view": (LOOK + JUDGE, "submitted"), "pass-checks": ("c", "in-review"),
        "fail-checks": ("c", "changes-requested"), "comment": (MAKE + JUDGE, "submitted"),
        "withdraw": (MAKE, "withdrawn"),
    },
    "in-review": {
        "view": (LOOK + JUDGE, "in-review"), "comment": (MAKE + JUDGE, "in-review"),
        "request-changes": (JUDGE, "changes-requested"), "approve": (JUDGE, "approved"),
        "reject": (JUDGE, "rejected"), "withdraw": (MAKE, "withdrawn"),
    },
    "changes-requested": {
        "view": (LOOK + JUDGE, "changes-requested"), "edit": (MAKE, "changes-requested"),
        "submit": (MAKE, "submitted"), "comment": (MAKE + JUDGE, "changes-requested"),
        "reject": (JUDGE, "rejected"), "withdraw": (MAKE, "withdrawn"),
    },
    "approved": {
        "view": (LOOK + JUDGE, "approved"), "comment": (MAKE + JUDGE, "approved"),
        "request-changes": (JUDGE, "changes-requested"), "reject": (JUDGE, "rejected"),
        "publish": (MAKE, "published"), "withdraw": (MAKE, "withdrawn"),
    },
    "published": {"view": (LOOK + JUDGE, "published")},
    "rejected": {"view": (LOOK + JUDGE, "rejected")},
    "withdrawn": {"view": (LOOK + JUDGE, "withdrawn")},
}  # fmt: skip
LETTER: dict[Role, str] = {"owner": "o", "maintainer": "m", "viewer": "v", "reviewer": "r", "checks": "c"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_in_each_state_exactly_what_the_table_says(state: State, role: Role) -> None:
    for action in ACTIONS:
        who, leads_to = TABLE[state].get(action, ("", state))
        if LETTER[role] in who:
            assert after(state, action, [role]) == leads_to, action
        else:
            with pytest.raises((NotAllowedError, ConflictError)):
                after(state, action, [role])
    wanted = [action for action in ACTIONS if LETTER[role] in TABLE[state].get(action, ("", state))[0]]
    assert possible(state, [role]) == wanted


def test_somebody_without_a_role_may_do_nothing() -> None:
    for state, action in itertools.product(STATES, ACTIONS):
        with pytest.raises(NotAllowedError):
            after(state, action, [])


def test_whoever_never_may_is_refused_and_whoever_is_late_is_told() -> None:
    with pytest.raises(NotAllowedError):
        after("in-review", "approve", ["owner"])
    with pytest.raises(ConflictError, match="published"):
        after("published", "approve", ["reviewer"])


def test_what_is_closed_stays_closed() -> None:
    for (state, action), (target, _) in STEPS.items():
        if state not in OPEN:
            assert (action, target) == ("view", state)
