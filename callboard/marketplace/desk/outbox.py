"""Mail that waits to be sent: written with the change it tells of, sent afterwards, tried again for a day."""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog
from sqlalchemy import delete, insert, select, update

from callboard.core.database import Database
from callboard.core.errors import CallboardError
from callboard.core.mail import Mail, MailSettings, is_address, send
from callboard.marketplace.desk.store import Rows
from callboard.marketplace.desk.tables import outbox

log = structlog.get_logger(__name__)
ATTEMPTS = 10
FIRST_PAUSE = 60.0  # seconds; doubled with each attempt
MOST = 50  # sent in one go


async def add(rows: Rows, to: Iterable[str], subject: str, text: str) -> None:
    """One message for each address; what is no address is left out."""
    now = time.time()
    given = [
        {"address": one, "subject": subject[:300], "text": text, "at": now, "attempts": 0, "due_at": now}
        for one in dict.fromkeys(to)
        if is_address(one)
    ]
    if given:
        await rows.execute(insert(outbox), given)


async def deliver(database: Database, settings: MailSettings) -> int:
    """Send what is due; how many were sent. Another node never sends the same."""
    async with database.read() as rows:
        query = select(outbox).where(outbox.c.due_at <= time.time()).order_by(outbox.c.id).limit(MOST)
        waiting = list(await rows.execute(query))
    sent = 0
    for one in waiting:
        own = outbox.c.id == one.id
        later = time.time() + FIRST_PAUSE * 2**one.attempts
        claim = (
            update(outbox)
            .where(own, outbox.c.attempts == one.attempts)
            .values(attempts=one.attempts + 1, due_at=later)
        )

        async def take(rows: Rows, claim: object = claim) -> bool:
            return bool((await rows.execute(claim)).rowcount)  # type: ignore[call-overload]  # an Update

        async def drop(rows: Rows, own: object = own) -> None:
            await rows.execute(delete(outbox).where(own))  # type: ignore[arg-type]  # a condition

        if not await database.write(take):
            continue
        try:
            await send(settings, Mail(one.address, one.subject, one.text))
            sent += 1
        except CallboardError as error:
            log.warning("mail was not sent", attempt=one.attempts + 1, problem=str(error))
            if one.attempts + 1 < ATTEMPTS:
                continue
        await database.write(drop)
    return sent
