"""What people set about plugins at run time: which are enabled, and how they are configured."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.database import Database
from callboard.core.migrations import Migrations
from callboard.plugins.tables import plugin_revision, plugin_settings

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_plugins")


@dataclass(frozen=True, slots=True)
class Setting:
    """`enabled` of None is as the plugin comes; `config` (JSON, hence Any) lies over that of the files."""

    enabled: bool | None = None
    config: Mapping[str, Any] | None = None
    changed_by: str = ""
    changed_at: float = 0.0


class PluginSettings:
    """Every change moves the revision, which all nodes watch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(MIGRATIONS)

    async def revision(self) -> int:
        async with self._database.read() as rows:
            return int((await rows.execute(select(plugin_revision.c.number))).scalar_one())

    async def all(self) -> dict[str, Setting]:
        """What is set, by plugin."""
        async with self._database.read() as rows:
            found = await rows.execute(select(plugin_settings))
            return {
                row.plugin: Setting(
                    row.enabled,
                    orjson.loads(row.config) if row.config is not None else None,
                    row.changed_by,
                    row.changed_at,
                )
                for row in found
            }

    async def enable(self, plugin: str, enabled: bool, by: str) -> None:
        await self._set(plugin, {"enabled": enabled}, by)

    async def configure(self, plugin: str, config: Mapping[str, Any] | None, by: str) -> None:
        """Lay `config` over the plugin's part of the configuration; None takes that away again."""
        text = None if config is None else orjson.dumps(config).decode()
        await self._set(plugin, {"config": text}, by)

    async def _set(self, plugin: str, values: dict[str, Any], by: str) -> None:
        named = {**values, "changed_by": by, "changed_at": time.time()}
        insert = self._database.insert_for(plugin_settings).values(plugin=plugin, **named)
        row = insert.on_conflict_do_update(index_elements=["plugin"], set_=named)

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row)
            await moved(rows)

        await self._database.write(work)


async def moved(rows: AsyncConnection) -> None:
    """Tell every node that plugins changed; part of the transaction that changes them."""
    await rows.execute(update(plugin_revision).values(number=plugin_revision.c.number + 1))
