"""Writes and reads the events of the audit log. It knows no request and no permission."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.audit.event import Event
from callboard.access.audit.filters import Filter
from callboard.access.audit.tables import audit_events
from callboard.core.database import Database, chunks
from callboard.core.migrations import Migrations

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_audit")
_STREAMED = 1000  # events read at once for an export
_PRUNED = 5000  # events deleted in one transaction
_ROWS = 100  # events in one statement
_SHOWN = [column for column in audit_events.c if column.name != "words"]


class AuditStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(MIGRATIONS)

    async def add(self, events: Sequence[Event]) -> None:
        """All of them or none."""
        rows = [_row(event) for event in events]

        async def work(connection: AsyncConnection) -> None:
            for some in chunks(rows, _ROWS):
                await connection.execute(insert(audit_events), list(some))

        await self._database.write(work)

    async def find(self, wanted: Filter) -> tuple[list[Event], bool]:
        """The newest first, at most `wanted.limit`; and whether there are more behind them."""
        query = select(*_SHOWN).where(*_conditions(wanted)).order_by(audit_events.c.id.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query.limit(wanted.limit + 1))).all()
        return [_event(row) for row in rows[: wanted.limit]], len(rows) > wanted.limit

    async def stream(self, wanted: Filter) -> AsyncIterator[list[Event]]:
        """All of them, the newest first, in parts; each is read for itself, so that none holds others."""
        last = wanted.before
        while True:
            query = select(*_SHOWN).where(*_conditions(wanted.after(last)))
            async with self._database.read() as connection:
                ordered = query.order_by(audit_events.c.id.desc()).limit(_STREAMED)
                part = [_event(row) for row in await connection.execute(ordered)]
            if part:
                yield part
                last = part[-1].id
            if len(part) < _STREAMED:
                return

    async def prune(self, before: float) -> int:
        """Delete what happened before (seconds since 1970), a part at a time; how many it were."""
        old = select(audit_events.c.id).where(audit_events.c.at < before).limit(_PRUNED)
        gone = 0
        while True:

            async def work(connection: AsyncConnection) -> int:
                result = await connection.execute(delete(audit_events).where(audit_events.c.id.in_(old)))
                return result.rowcount

            deleted = await self._database.write(work)
            gone += deleted
            if deleted < _PRUNED:
                return gone


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    columns = audit_events.c
    found: list[ColumnElement[bool]] = []
    for name in ("actor", "event", "plugin", "ip"):
        if value := getattr(wanted, name):
            found.append(columns[name] == value)
    if wanted.outcome:
        found.append(columns.status == wanted.outcome)
    if wanted.severities:
        found.append(columns.severity.in_(wanted.severities))
    if wanted.from_ is not None:
        found.append(columns.at >= wanted.from_)
    if wanted.to is not None:
        found.append(columns.at < wanted.to)
    if wanted.before is not None:
        found.append(columns.id < wanted.before)
    found += [columns.words.contains(word, autoescape=True) for word in wanted.words]
    return found


def _row(event: Event) -> dict[str, Any]:
    meta = orjson.dumps(event.meta).decode()
    said = (event.plugin, event.event, event.actor, event.via, event.ip, event.user_agent, event.method)
    words = "\n".join(
        (*said, event.url, str(event.http_status or ""), event.error, event.severity, meta)
    ).lower()
    return {
        "at": event.at,
        "plugin": event.plugin,
        "event": event.event,
        "severity": event.severity,
        "status": event.status,
        "actor": event.actor,
        "via": event.via,
        "means": event.means,
        "ip": event.ip,
        "user_agent": event.user_agent,
        "method": event.method,
        "url": event.url,
        "http_status": event.http_status,
        "error": event.error,
        "meta": meta,
        "words": words,
    }


def _event(row: Any) -> Event:
    values = dict(row._mapping)
    return Event(**{**values, "meta": orjson.loads(values["meta"])})
