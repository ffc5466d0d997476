"""Mail about a publisher, with the way to its page."""

from __future__ import annotations

from collections.abc import Iterable

from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.records import Publisher


async def tell_about(  # noqa: PLR0917 - who, of what, to whom
    office: Office,
    rows: store.Rows,
    to: Iterable[str],
    step: str,
    asker: Asker,
    one: Publisher,
    detail: str = "",
    reason: str = "",
) -> None:
    """Part of a transaction; `step` is one of `letters`."""
    path = f"/marketplace/desk/publishers/{one.name}"
    await office.tell(rows, to, step, asker, title=one.title, path=path, detail=detail, reason=reason)
