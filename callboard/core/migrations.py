"""Alembic revisions of a part of Callboard, run on a connection that is open already."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Migrations:
    """`folder` holds the revisions in `versions/`; the database notes in `table` which of them it has."""

    folder: Path
    table: str

    def run(self, connection: Connection) -> None:
        """Every revision that the database has not; in the transaction of the connection."""
        from alembic.config import Config
        from alembic.runtime.environment import EnvironmentContext

        revisions = _revisions(self.folder)

        def missing(current: Any, _: Any) -> Any:
            return revisions._upgrade_revs("head", current)

        with EnvironmentContext(Config(), revisions, fn=missing, destination_rev="head") as environment:
            environment.configure(connection=connection, version_table=self.table)
            with environment.begin_transaction():
                environment.run_migrations()


@cache
def _revisions(folder: Path) -> Any:
    """Read once in a process: the files are part of the program."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(folder))
