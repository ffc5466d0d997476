"""What a plugin keeps: JSON values by key, in the database that all nodes share."""

from __future__ import annotations

import time
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.among import among
from callboard.core.database import Database
from callboard.core.errors import InputError
from callboard.plugins.tables import plugin_data

MAX_KEY = 500
MAX_VALUE = 1024 * 1024


class PluginStorage:
    """The values of one plugin. They go when the plugin is removed."""

    def __init__(self, database: Database, plugin: str) -> None:
        self._database = database
        self._plugin = plugin

    async def get(self, key: str) -> Any:
        """The value (JSON, hence Any), or None."""
        return (await self.get_many([key])).get(key)

    async def get_many(self, keys: list[str]) -> dict[str, Any]:
        """The values of those keys that have one."""
        own = plugin_data.c.plugin == self._plugin
        async with self._database.read() as rows:
            named = among(rows, plugin_data.c.key, keys)
            query = select(plugin_data.c.key, plugin_data.c.value).where(own, named)
            return {row.key: orjson.loads(row.value) for row in await rows.execute(query)}

    async def keys(self, prefix: str = "") -> list[str]:
        """Every key that begins with `prefix`, in order."""
        own = plugin_data.c.plugin == self._plugin
        query = select(plugin_data.c.key).where(own, plugin_data.c.key.startswith(prefix, autoescape=True))
        async with self._database.read() as rows:
            return sorted((await rows.execute(query)).scalars())

    async def set(self, key: str, value: Any) -> None:
        """Keep a value. Raises InputError for a key over 500 characters or a value over 1 MiB."""
        await self.set_many({key: value})

    async def set_many(self, values: dict[str, Any]) -> None:
        """Keep several values in one transaction."""
        now = time.time()
        given = []
        for key, value in values.items():
            content = orjson.dumps(value)
            if not key or len(key) > MAX_KEY or "\0" in key or len(content) > MAX_VALUE:
                raise InputError(f"a key has 1 to {MAX_KEY} characters, a value at most {MAX_VALUE} bytes")
            given.append({"plugin": self._plugin, "key": key, "value": content.decode(), "changed_at": now})
        if not given:
            return
        insert = self._database.insert_for(plugin_data)
        row = insert.on_conflict_do_update(
            index_elements=["plugin", "key"],
            set_={"value": insert.excluded.value, "changed_at": insert.excluded.changed_at},
        )

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row, given)

        await self._database.write(work)

    async def delete(self, *keys: str) -> None:
        own = plugin_data.c.plugin == self._plugin

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(delete(plugin_data).where(own, among(rows, plugin_data.c.key, keys)))

        await self._database.write(work)
