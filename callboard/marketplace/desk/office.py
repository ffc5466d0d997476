"""What every part of the desk works with: database, settings, who may do what, the timeline and the mail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import structlog
from starlette.requests import HTTPConnection

from callboard.access.audit import Audit, Severity, audit_event
from callboard.access.edge.counting import TooManyRequestsError, Windows
from callboard.access.identity import Identity
from callboard.access.permissions import Permission, Permissions
from callboard.access.principals import INTERNAL, Principal
from callboard.catalog.ingest.contract import Connection
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.core.config import Config
from callboard.core.database import Database
from callboard.core.errors import InputError, NotAllowedError
from callboard.core.mail import is_address
from callboard.core.reader import UrlReader
from callboard.marketplace.checks.osv import NOTHING_KNOWN, OsvDatabase, read_osv
from callboard.marketplace.desk import outbox, store
from callboard.marketplace.desk.letters import letter
from callboard.marketplace.desk.permissions import REVIEW
from callboard.marketplace.desk.phrases import who
from callboard.marketplace.desk.records import Publisher
from callboard.marketplace.desk.settings import DeskSettings, read_desk_settings
from callboard.marketplace.desk.states import Role
from callboard.plugins import PluginContext

log = structlog.get_logger(__name__)
T = TypeVar("T")
Work = Callable[[store.Rows], Awaitable[T]]
OSV_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and with which request, whose entry in the audit log a step names. None: a task."""

    principal: Principal
    request: HTTPConnection | None = None

    @property
    def name(self) -> str:
        return self.principal.name

    def note(self, event: str, severity: Severity = "medium", **meta: Any) -> None:
        if self.request is not None:
            audit_event(self.request, event, severity=severity, plugin="marketplace", **meta)


SYSTEM = Asker(INTERNAL)


@dataclass(slots=True)
class Shared:
    """What one process holds of the desk beside its database."""

    connection: Connection | None = None
    osv: tuple[float, OsvDatabase] = (0.0, NOTHING_KNOWN)
    windows: dict[str, Windows] = field(default_factory=dict)
    tasks: set[asyncio.Task[int]] = field(default_factory=set)
    migrated: bool = False
    taken: dict[str, str] = field(default_factory=dict)
    """Listings of other sources that are taken down, with the reason; see `order.py`."""
    taken_at: float = 0.0
    """When they were read, on the monotonic clock, and when this node last changed them:"""
    taken_changed: float = 0.0
    marked_by_others: set[str] = field(default_factory=set)


_SHARED: WeakKeyDictionary[Database, Shared] = WeakKeyDictionary()


class Office:
    """Made for one call or request; `context` is that of the desk's plugin."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self.database = context.get(Database)
        self.shared = _SHARED.setdefault(self.database, Shared())

    @property
    def settings(self) -> DeskSettings:
        return read_desk_settings(self._context.get(Config))

    @property
    def reader(self) -> UrlReader:
        return self._context.get(UrlReader)

    @property
    def queries(self) -> Queries:
        return self._context.get(Queries)

    @property
    def catalog(self) -> Catalog:
        return self._context.get(Catalog)

    @property
    def permissions(self) -> Permissions:
        return self._context.get(Permissions)

    async def read(self, work: Work[T]) -> T:
        async with self.database.read() as rows:
            return await work(rows)

    async def write(self, work: Work[T]) -> T:
        return await self.database.write(work)

    # Who may do what

    async def require(self, asker: Asker, permission: Permission) -> None:
        """Raises NotAllowedError."""
        await self.permissions.require(asker.principal, permission)

    async def may(self, asker: Asker, permission: Permission) -> bool:
        return await self.permissions.allows(asker.principal, permission)

    async def roles(self, asker: Asker, publisher: str) -> frozenset[Role]:
        """What the asker is to a publisher. Nobody reviews what is their own."""
        principal = asker.principal
        if principal.means == "open":  # nobody signs in here: everyone is everything
            return frozenset({"owner", "reviewer"})
        refs = dict.fromkeys((principal.subject, *principal.owns)) if principal.type == "user" else {}
        members = await self.read(lambda rows: store.members_of(rows, publisher)) if refs else []
        own: frozenset[Role] = frozenset(one.role for one in members if one.member in refs)
        if not own and await self.may(asker, REVIEW):
            return frozenset({"reviewer"})
        return own

    async def require_role(self, asker: Asker, publisher: str, *roles: Role) -> frozenset[Role]:
        """Raises NotAllowedError, the same for a publisher that is not there."""
        own = await self.roles(asker, publisher)
        if not own & set(roles):
            raise NotAllowedError(f"Only its {' or '.join(roles)} may do this for the publisher {publisher}")
        return own

    async def require_known(self, ref: str) -> None:
        """Raises InputError for a user or group that the catalog does not hold and that never signed in."""
        if self.queries.index.row(ref) is not None:
            return
        if ref.startswith("user:") and await self._context.get(Identity).users.read(ref) is not None:
            return
        raise InputError(f"There is no {ref.partition(':')[0]} {ref.partition(':')[2]}")

    def limit(self, asker: Asker, what: str, most: int, seconds: float) -> None:
        """Raises TooManyRequestsError (429) past `most` times within `seconds`, counted by who asks."""
        windows = self.shared.windows.setdefault(what, Windows(most, seconds))
        if not windows.hit(asker.name):
            raise TooManyRequestsError(f"Too many: at most {most} within {seconds / 60:g} minutes")

    # What others learn

    async def addresses(self, publisher: Publisher) -> list[str]:
        """Where mail about a publisher goes: its contact, and its owners and maintainers in the catalog."""
        members = await self.read(lambda rows: store.members_of(rows, publisher.name))
        found = [publisher.contact]
        index = self.queries.index
        for one in members:
            row = index.row(one.member) if one.role != "viewer" else None
            if row is not None:
                found += index.values_of(row, "spec.profile.email")
        return list(dict.fromkeys(one.lower() for one in found if is_address(one)))

    def called(self, ref: str) -> str:
        """A user or group as a mail names it: by its name for people, and by the one that nobody else has."""
        return f"{who(self.queries.index, ref)} ({ref.partition(':')[2]})"

    def person_addresses(self, ref: str) -> list[str]:
        """Where mail to a user goes, as the catalog says it; nowhere for who is not in it."""
        index = self.queries.index
        row = index.row(ref.lower())
        found = [] if row is None else index.values_of(row, "spec.profile.email")
        return [one.lower() for one in found if is_address(one)]

    async def tell(
        self,
        rows: store.Rows,
        to: Iterable[str],
        step: str,
        asker: Asker,
        *,
        title: str,
        path: str,
        publisher: str = "",
        detail: str = "",
        reason: str = "",
    ) -> None:
        """Mail about a step (of `letters`), sent once the transaction is committed, kept until it was."""
        made = letter(
            step,
            who=who(self.queries.index, asker.name),
            title=title,
            publisher=publisher,
            detail=detail,
            reason=reason,
            link=self.link(path),
        )
        await outbox.add(rows, to, made.subject, made.text)

    async def tell_operators(self, rows: store.Rows, step: str, asker: Asker, **said: str) -> None:
        """The same to those at `marketplace.mail.operators`; `said` is as for `tell`."""
        await self.tell(rows, self.settings.mail.operators, step, asker, **said)

    def link(self, path: str) -> str:
        """An address for a mail."""
        return f"{self.settings.base_url}{path}"

    def post(self) -> None:
        """Send what waits, beside whatever goes on."""
        task = asyncio.create_task(outbox.deliver(self.database, self.settings.mail))
        self.shared.tasks.add(task)
        task.add_done_callback(self.shared.tasks.discard)

    async def audit(self, event: str, **meta: Any) -> None:
        """Write down what no request asked for."""
        await self._context.get(Audit).note(event, plugin="marketplace", severity="medium", **meta)

    async def osv(self) -> OsvDatabase:
        """The vulnerabilities of the export, read anew every hour."""
        read_at, known = self.shared.osv
        path = self.settings.osv
        if path is None:
            return NOTHING_KNOWN
        if read_at == 0.0 or time.monotonic() - read_at > OSV_SECONDS:
            known = await asyncio.to_thread(read_osv, path)
            self.shared.osv = (time.monotonic(), known)
        return known
