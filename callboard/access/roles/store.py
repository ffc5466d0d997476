"""Keeps every version of the policies document. A version is never changed or deleted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.roles.document import Policies
from callboard.access.roles.reading import read_policies
from callboard.access.roles.tables import versions
from callboard.core.database import Database
from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.core.migrations import Migrations

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "alembic_version_roles")
MAX_COMMENT = 1000
_ABOUT = (versions.c.version, versions.c.at, versions.c.author, versions.c.comment)


@dataclass(frozen=True, slots=True)
class Version:
    """When (seconds since 1970), by whom and why a version was made. Versions count from 1."""

    version: int
    at: float
    author: str
    comment: str

    def as_json(self) -> dict[str, Any]:
        return {"version": self.version, "at": self.at, "author": self.author, "comment": self.comment}


NONE_YET = Version(0, 0.0, "", "")
"""What the first version is based on."""


class RoleStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(MIGRATIONS)

    async def newest(self) -> int:
        """The number of the newest version; 0 when there is none."""
        async with self._database.read() as rows:
            return (await rows.execute(select(func.max(versions.c.version)))).scalar_one() or 0

    async def current(self) -> tuple[Version, Policies]:
        """The newest version; `NONE_YET` with an empty document when there is none."""
        query = select(*_ABOUT, versions.c.document).order_by(versions.c.version.desc()).limit(1)
        async with self._database.read() as rows:
            row = (await rows.execute(query)).first()
        return (NONE_YET, Policies()) if row is None else (Version(*row[:4]), _document(row[4]))

    async def version(self, number: int) -> tuple[Version, Policies]:
        """One version. Raises NotFoundError."""
        if not 0 < number < 2**31:
            raise NotFoundError(f"There is no version {number} of the roles.")
        query = select(*_ABOUT, versions.c.document).where(versions.c.version == number)
        async with self._database.read() as rows:
            row = (await rows.execute(query)).first()
        if row is None:
            raise NotFoundError(f"There is no version {number} of the roles.")
        return Version(*row[:4]), _document(row[4])

    async def versions(self, before: int | None = None, limit: int = 50) -> list[Version]:
        """The newest first, of those older than `before` where it is given."""
        query = select(*_ABOUT).order_by(versions.c.version.desc()).limit(limit)
        if before is not None:
            query = query.where(versions.c.version < min(before, 2**31 - 1))
        async with self._database.read() as rows:
            return [Version(*row) for row in await rows.execute(query)]

    async def save(self, document: Policies, *, based_on: int, author: str, comment: str = "") -> Version:
        """Make the version after `based_on`. Raises ConflictError when somebody made it before."""
        if len(comment) > MAX_COMMENT:
            raise InputError(f"The comment must have at most {MAX_COMMENT} characters.")
        made = Version(based_on + 1, time.time(), author, comment.replace("\0", ""))
        newest = select(func.coalesce(func.max(versions.c.version), 0))
        insert = self._database.insert_for(versions).values(
            version=made.version, at=made.at, author=author, comment=made.comment, document=document.text()
        )

        async def work(rows: AsyncConnection) -> None:
            found = (await rows.execute(newest)).scalar_one()
            if found == based_on:
                # Another node may be at the same place: its row, not ours, is there then.
                done = await rows.execute(insert.on_conflict_do_nothing().returning(versions.c.version))
                if done.first() is not None:
                    return
            raise ConflictError(
                f"The roles were changed meanwhile: your change is based on version {based_on}, "
                "which is not the newest any more. Load them again and repeat the change."
            )

        await self._database.write(work)
        return made


def _document(text: str) -> Policies:
    return read_policies(orjson.loads(text))
