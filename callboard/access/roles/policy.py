"""The policy "roles": decides from the document, and follows it as people and other nodes change it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import structlog

from callboard.access.permissions.types import ALLOWED, DENIED, Decision, Permission
from callboard.access.principals import Principal
from callboard.access.roles.document import Known, Policies, failing_closed
from callboard.access.roles.evaluate import decide
from callboard.access.roles.reading import parse_policies
from callboard.access.roles.settings import RoleSettings
from callboard.access.roles.store import NONE_YET, RoleStore, Version
from callboard.core.config import Config
from callboard.core.database import Database
from callboard.core.errors import ConfigError, Problem

log = structlog.get_logger(__name__)
POLL = 0.5  # seconds until a change made on another node, or in the file, is seen
KEPT = 20_000
"""Decisions remembered, so that one user's many requests share one condition."""


class RolesPolicy:
    """`known` gives the permissions and rules of the plugins at work now, the same object until they change.

    It may be empty at `start`, before which all is denied. The document has versions of its own: `about`.
    """

    def __init__(self, database: Database, config: Config, known: Callable[[], Known]) -> None:
        self.settings = RoleSettings.read(config)
        self.store = RoleStore(database)
        self.known = known
        self.about: Version = NONE_YET
        self.document = Policies()
        self.problems: tuple[Problem, ...] = ()
        """Why the file, as it is now, cannot be used; the one before stays in force."""
        self._effective = Policies()
        self._version = 0
        self._known = Known()  # what `_effective` was made with
        self._checked = Known()  # what the names in the file were looked up in
        self._decisions: dict[tuple[str, tuple[str, ...], Permission], Decision] = {}
        self._file: tuple[int, int] | None = None
        self._loading = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the document and follow it. Raises ConfigError for a file that is missing or wrong.

        Its names are looked up once something is known; those that are not there become `problems` then.
        """
        await self.store.migrate()
        if self.settings.file is None:
            await self.reload()
        else:
            self._file = _stamp(self.settings.file)
            self._use(NONE_YET, self._read(self.settings.file))
            self._checked = self.known()
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
            self._following = None

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        """The decision for a user. Whoever is no user is denied: services are not asked about here."""
        if user.user is None:
            return DENIED
        self._renew()
        key = user.user, user.owns, permission
        found = self._decisions.get(key)
        if found is None:
            if len(self._decisions) >= KEPT:
                self._decisions.clear()
            found = self._decisions[key] = self._decide(permission, user.user, user.owns)
        return found

    @property
    def version(self) -> int:
        """Changes whenever any decision may be another; it counts in this process only."""
        self._renew()
        return self._version

    @property
    def effective(self) -> Policies:
        """The document without what asks rules that no plugin at work provides."""
        self._renew()
        return self._effective

    async def reload(self) -> None:
        """Take over the newest version from the database."""
        async with self._loading:
            about, document = await self.store.current()
            if about != self.about:
                self._use(about, document)

    def _decide(self, permission: Permission, user: str, owns: tuple[str, ...]) -> Decision:
        if not self.settings.admins.isdisjoint((user, *owns)):
            return ALLOWED
        return decide(self._effective, permission, user, owns)

    def _renew(self) -> None:
        """Judge by the rules of the plugins that are at work now."""
        if self.known() is not self._known:
            self._use(self.about, self.document)

    def _use(self, about: Version, document: Policies) -> None:
        self._known = self.known()
        self.about, self.document = about, document
        self._effective = failing_closed(document, self._known.rules)
        self._decisions = {}
        self._version += 1

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            try:
                if self.settings.file is not None:
                    self._follow_file(self.settings.file)
                elif await self.store.newest() != self.about.version:
                    await self.reload()
            except Exception:  # a database that is away for a while must not end the following
                log.exception("the roles could not be read again; it is tried again")

    def _follow_file(self, file: Path) -> None:
        stamp, known = _stamp(file), self.known()
        if stamp == self._file and known is self._checked:
            return
        self._file, self._checked = stamp, known
        try:
            document = self._read(file)
        except ConfigError as error:
            self.problems = tuple(error.problems)
            log.error("the file of the roles cannot be used; those before stay", problems=str(error))
            return
        self.problems = ()
        if document != self.document:
            self._use(NONE_YET, document)

    def _read(self, file: Path) -> Policies:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ConfigError([self.settings.problem(f"{file} cannot be read: {error.strerror}")]) from None
        known = self.known()
        return parse_policies(content, str(file), known if known.permissions else None)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
