"""Keeps wheels and pictures by their sha256: in the database, or wheels and screenshots in a folder."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import time
from pathlib import Path

from sqlalchemy import select

from callboard.core.database import Database
from callboard.core.errors import NotFoundError, ServiceUnavailableError
from callboard.marketplace.checks.pictures import MAX_ICON
from callboard.marketplace.desk.store import Rows
from callboard.marketplace.desk.tables import artefacts

WHEEL = "application/octet-stream"


class Artefacts:
    def __init__(self, database: Database, folder: Path | None) -> None:
        self._database = database
        self._folder = folder

    async def keep(self, filename: str, media: str, content: bytes) -> str:
        """Keep something; its sha256. The same content again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        inside = self._folder is None or (len(content) <= MAX_ICON and media.startswith("image/"))
        if not inside:
            assert self._folder is not None
            await asyncio.to_thread(_write, self._folder, sha256, content)
        row = self._database.insert_for(artefacts).values(
            sha256=sha256,
            filename=filename,
            media=media,
            size=len(content),
            added_at=time.time(),
            content=content if inside else None,
        )

        async def work(rows: Rows) -> None:
            await rows.execute(row.on_conflict_do_nothing())

        await self._database.write(work)
        return sha256

    async def content(self, sha256: str) -> tuple[str, bytes]:
        """Media type and content. Raises NotFoundError; ServiceUnavailableError where the folder lost it."""
        query = select(artefacts.c.media, artefacts.c.content).where(artefacts.c.sha256 == sha256)
        async with self._database.read() as rows:
            row = (await rows.execute(query)).first()
        if row is None:
            raise NotFoundError("There is no such artefact")
        if row.content is not None:
            return row.media, row.content
        if self._folder is None:
            raise ServiceUnavailableError("The artefact is in a folder that is not configured any more")
        try:
            content = await asyncio.to_thread(_path(self._folder, sha256).read_bytes)
        except OSError:
            raise ServiceUnavailableError("The artefact cannot be read from its folder") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ServiceUnavailableError("The artefact is not what was stored any more")
        return row.media, content


def _path(folder: Path, sha256: str) -> Path:
    """`sha256` is one of the table, so it cannot lead out of the folder."""
    return folder / sha256[:2] / sha256


def _write(folder: Path, sha256: str, content: bytes) -> None:
    path = _path(folder, sha256)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    waiting = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
    with waiting.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    waiting.rename(path)
