"""Who gets mail about a step of a submission, and what it says of it."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import SYSTEM, Asker, Office
from callboard.marketplace.desk.records import Json, Publisher, Submission

_SAID = ("comment", "request-changes", "approve", "reject")
"""Steps whose words somebody wrote; those of others are a number or a version."""


async def tell_of(  # noqa: PLR0917 - who, of what, to whom
    office: Office,
    rows: store.Rows,
    asker: Asker,
    known: Submission,
    publisher: Publisher,
    addresses: Sequence[str],
    step: str,
    text: str = "",
    *,
    findings: Sequence[Json] = (),
    reviews: bool = False,
) -> None:
    """Mail to the publisher, and to the reviewers what concerns them. `reviews`: a reviewer took the step."""
    reason = text if step in _SAID else ""
    if step == "fail-checks":
        reason = "\n".join(f"- {one['message']}" for one in findings if one["level"] == "error")
    given = {
        "title": known.title,
        "publisher": publisher.title,
        "path": f"/marketplace/desk/submissions/{known.id}",
        "detail": "" if step in _SAID else text,
        "reason": reason,
    }
    await office.tell(rows, addresses, step, asker, **given)
    if step == "pass-checks":
        await office.tell_operators(rows, "review", asker, **given)
    elif asker is not SYSTEM and not reviews and _concerns_reviewers(known, step):
        await office.tell_operators(rows, step, asker, **given)


def _concerns_reviewers(known: Submission, step: str) -> bool:
    """They have seen it; a draft is its publisher's own affair, and handing in is told once it passed."""
    return known.state != "draft" and step in {"comment", "withdraw", "publish"}
