"""What providers said lately: when, how much changed with it, and why it failed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.store.tables import provider_runs

KEPT = 50
MAX_ERROR = 2000


@dataclass(slots=True)
class Run:
    """One run of a provider; times are seconds since 1970. `error` says why nothing was taken over."""

    provider: str
    started_at: float
    finished_at: float = 0.0
    added: int = 0
    updated: int = 0
    removed: int = 0
    error: str | None = None

    @property
    def seconds(self) -> float:
        return max(0.0, self.finished_at - self.started_at)


COLUMNS = (
    provider_runs.c.provider,
    provider_runs.c.started_at,
    provider_runs.c.finished_at,
    provider_runs.c.added,
    provider_runs.c.updated,
    provider_runs.c.removed,
    provider_runs.c.error,
)


async def record(connection: AsyncConnection, run: Run) -> None:
    """Write the run, finished now, and forget all but the newest of its provider."""
    values = {
        "provider": run.provider,
        "started_at": run.started_at,
        "finished_at": time.time(),
        "added": run.added,
        "updated": run.updated,
        "removed": run.removed,
        "error": run.error[:MAX_ERROR] if run.error else None,
    }
    await connection.execute(insert(provider_runs).values(values))
    mine = provider_runs.c.provider == run.provider
    oldest_kept = (
        select(provider_runs.c.id).where(mine).order_by(provider_runs.c.id.desc()).offset(KEPT - 1).limit(1)
    ).scalar_subquery()
    await connection.execute(delete(provider_runs).where(mine, provider_runs.c.id < oldest_kept))


async def last_runs(connection: AsyncConnection) -> dict[str, Run]:
    """The last run of every provider."""
    newest = select(func.max(provider_runs.c.id)).group_by(provider_runs.c.provider)
    rows = await connection.execute(select(*COLUMNS).where(provider_runs.c.id.in_(newest)))
    return {row.provider: Run(*row) for row in rows}


async def runs_of(connection: AsyncConnection, provider: str, limit: int = KEPT) -> list[Run]:
    """The newest runs of a provider, newest first."""
    query = select(*COLUMNS).where(provider_runs.c.provider == provider)
    rows = await connection.execute(query.order_by(provider_runs.c.id.desc()).limit(limit))
    return [Run(*row) for row in rows]
