"""What the configuration says about roles: `permission.roles.admins` and `permission.roles.file`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callboard.access.roles.checks import wrong_member
from callboard.access.roles.document import EVERYONE
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Problem

ADMINS = "permission.roles.admins"
FILE = "permission.roles.file"


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """`admins` are refs of users and groups who may do everything, so that nobody is locked out.

    With `file` the document stands there and can be changed only there; `where` says which line of the
    configuration has it so.
    """

    admins: frozenset[str] = frozenset()
    file: Path | None = None
    where: tuple[str, int | None] | None = None

    @staticmethod
    def read(config: Config) -> RoleSettings:
        """Raises ConfigError with every mistake."""
        problems = []
        admins = config.sequence(ADMINS, [])
        for at, ref in enumerate(admins):
            wrong = "cannot be everyone: name users or groups" if ref == EVERYONE else wrong_member(ref)
            if wrong:
                problems.append(config.problem(f"{ADMINS}[{at}]", wrong))
        if problems:
            raise ConfigError(problems)
        refs = frozenset(ref.lower() for ref in admins)
        name = config.string(FILE, None)
        if name is None:
            return RoleSettings(refs)
        return RoleSettings(refs, config.folder_of(FILE) / name, config.where(FILE))

    def problem(self, message: str) -> Problem:
        """A mistake about the file, at the place that names it."""
        source, line = self.where or (None, None)
        return Problem(message, ("permission", "roles", "file"), line, source=source)
