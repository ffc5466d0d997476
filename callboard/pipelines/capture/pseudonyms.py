"""Tells visitors apart without saying who they are: a keyed hash, whose key is thrown away in time.

With the key gone nobody, the operator included, can say which visitor somebody was.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Literal

import orjson
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.database import Database
from callboard.plugins.storage import PluginStorage
from callboard.plugins.tables import plugin_data

PLUGIN = "pipelines"
PREFIX = "usage-key:"
KNOWN = 10_000  # hashes that are kept


class Pseudonyms:
    """`renew` must have been awaited before `of` is asked. The key is shared by all nodes."""

    def __init__(self, database: Database, rotate: Literal["monthly", "yearly"]) -> None:
        self._database = database
        self._rotate = rotate
        self._period = ""
        self._key = b""
        self._known: dict[str, str] = {}

    async def renew(self, now: datetime) -> None:
        """Take the key of this month or year, and throw away those before."""
        period = now.strftime("%Y-%m" if self._rotate == "monthly" else "%Y")
        if period == self._period:
            return
        name = PREFIX + period
        value = orjson.dumps(secrets.token_hex(32)).decode()
        given = {"plugin": PLUGIN, "key": name, "value": value, "changed_at": now.timestamp()}
        insert = self._database.insert_for(plugin_data).on_conflict_do_nothing()
        own = plugin_data.c.plugin == PLUGIN
        old = delete(plugin_data).where(
            own, plugin_data.c.key.startswith(PREFIX, autoescape=True), plugin_data.c.key != name
        )

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(insert, given)
            await rows.execute(old)

        await self._database.write(work)
        self._key = bytes.fromhex(await PluginStorage(self._database, PLUGIN).get(name))
        self._period, self._known = period, {}

    def of(self, owner: str) -> str:
        """The pseudonym of a user's reference or a browser's id."""
        found = self._known.get(owner)
        if found is None:
            if len(self._known) >= KNOWN:
                self._known.clear()
            found = hmac.new(self._key, owner.encode(), "sha256").hexdigest()[:24]
            self._known[owner] = found
        return found
