"""Reads and writes what is installed: manifests that were approved, and the wheels themselves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.among import among
from callboard.core.database import Database
from callboard.core.errors import ConflictError, NotFoundError
from callboard.plugins.install.wheel import Wheel
from callboard.plugins.settings import moved
from callboard.plugins.tables import (
    plugin_artifacts,
    plugin_data,
    plugin_former,
    plugin_installations,
    plugin_settings,
    plugin_tasks,
)


@dataclass(frozen=True, slots=True)
class Artifact:
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Installation:
    """An installed plugin. `manifest` (JSON, hence Any) was approved; the first artifact is its own."""

    plugin: str
    distribution: str
    version: str
    entry_point: str
    manifest: dict[str, Any]
    artifacts: tuple[Artifact, ...]
    source: str
    verified: dict[str, Any]
    installed_by: str
    installed_at: float


class InstallationStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Installation]:
        """What is installed, by plugin."""
        async with self._database.read() as rows:
            found = list(await rows.execute(select(plugin_installations)))
        return {row.plugin: _installation(row) for row in found}

    async def former(self) -> dict[str, Installation]:
        """What was replaced last, by plugin."""
        async with self._database.read() as rows:
            found = list(await rows.execute(select(plugin_former)))
        return {row.plugin: _installation(row) for row in found}

    async def wheels(self, installation: Installation) -> list[tuple[str, str, bytes]]:
        """The wheels of a plugin: filename, sha256 and content."""
        wanted = [one.sha256 for one in installation.artifacts]
        async with self._database.read() as rows:
            named = among(rows, plugin_artifacts.c.sha256, wanted)
            query = select(plugin_artifacts.c.sha256, plugin_artifacts.c.content).where(named)
            content = {row.sha256: row.content for row in await rows.execute(query)}
        return [(one.filename, one.sha256, content[one.sha256]) for one in installation.artifacts]

    async def save(
        self,
        plugin: str,
        wheels: Sequence[Wheel],
        source: str,
        verified: dict[str, Any],
        by: str,
        *,
        replaces: str | None,
    ) -> None:
        """Install, or replace the version that is installed under this id. The first wheel is its own.

        Raises ConflictError when another version is installed than the one to replace.
        """
        first = wheels[0]
        assert first.manifest is not None
        values = {
            "distribution": first.name,
            "version": first.version,
            "manifest": orjson.dumps({**first.manifest, "entryPoint": first.entry_point}).decode(),
            "artifacts": orjson.dumps(
                [{"filename": one.filename, "sha256": one.sha256} for one in wheels]
            ).decode(),
            "source": source,
            "verified": orjson.dumps(verified).decode(),
            "installed_by": by,
            "installed_at": time.time(),
        }
        artifacts = [
            {"sha256": one.sha256, "filename": one.filename, "content": one.content} for one in wheels
        ]
        add = self._database.insert_for(plugin_artifacts).on_conflict_do_nothing()

        async def work(rows: AsyncConnection) -> None:
            # First of all: it is a lock as well, so that two changes come one after the other.
            await moved(rows)
            own = plugin_installations.c.plugin == plugin
            before = (await rows.execute(select(plugin_installations).where(own))).mappings().first()
            if (None if before is None else before["version"]) != replaces:
                raise ConflictError(f"the plugin {plugin} was changed meanwhile; plan it again")
            if before is not None and before["artifacts"] != values["artifacts"]:
                await rows.execute(delete(plugin_former).where(plugin_former.c.plugin == plugin))
                await rows.execute(insert(plugin_former).values(dict(before)))
            await rows.execute(delete(plugin_installations).where(own))
            await rows.execute(insert(plugin_installations).values(plugin=plugin, **values))
            await rows.execute(add, artifacts)
            await _drop_unused(rows)

        await self._database.write(work)

    async def swap(self, plugin: str, by: str) -> None:
        """Put the version that was replaced last in the place of the one that is there, and this in its.

        Raises NotFoundError when nothing was replaced.
        """
        now = {"installed_by": by, "installed_at": time.time()}

        async def work(rows: AsyncConnection) -> None:
            await moved(rows)
            here, there = plugin_installations, plugin_former
            present = (await rows.execute(select(here).where(here.c.plugin == plugin))).mappings().first()
            former = (await rows.execute(select(there).where(there.c.plugin == plugin))).mappings().first()
            if present is None or former is None:
                raise NotFoundError(f"There is no former version of the plugin {plugin} to go back to")
            for table, row in ((here, {**former, **now}), (there, dict(present))):
                await rows.execute(delete(table).where(table.c.plugin == plugin))
                await rows.execute(insert(table).values(row))

        await self._database.write(work)

    async def remove(self, plugin: str) -> None:
        """Undo an installation wholly: what the plugin kept, was set to and was asked to run goes too."""

        async def work(rows: AsyncConnection) -> None:
            await moved(rows)
            own = plugin_installations.c.plugin == plugin
            if not (await rows.execute(delete(plugin_installations).where(own))).rowcount:
                raise NotFoundError(f"The plugin {plugin} is not installed")
            for table in (plugin_former, plugin_settings, plugin_data, plugin_tasks):
                await rows.execute(delete(table).where(table.c.plugin == plugin))
            await _drop_unused(rows)

        await self._database.write(work)


async def _drop_unused(rows: AsyncConnection) -> None:
    """Delete the wheels that no plugin needs any more."""
    listed: list[str] = []
    for table in (plugin_installations, plugin_former):
        listed += (await rows.execute(select(table.c.artifacts))).scalars()
    used = {one["sha256"] for text in listed for one in orjson.loads(text)}
    stored = set((await rows.execute(select(plugin_artifacts.c.sha256))).scalars())
    if unused := sorted(stored - used):
        await rows.execute(delete(plugin_artifacts).where(among(rows, plugin_artifacts.c.sha256, unused)))


def _installation(row: Any) -> Installation:
    manifest = orjson.loads(row.manifest)
    return Installation(
        plugin=row.plugin,
        distribution=row.distribution,
        version=row.version,
        entry_point=manifest.pop("entryPoint"),
        manifest=manifest,
        artifacts=tuple(Artifact(one["filename"], one["sha256"]) for one in orjson.loads(row.artifacts)),
        source=row.source,
        verified=orjson.loads(row.verified),
        installed_by=row.installed_by,
        installed_at=row.installed_at,
    )
