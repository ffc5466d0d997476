"""The roles as somebody may read and change them: every call is checked for the one who asks.

API and pages are both made of this, so neither can do more than the other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches
from typing import Any, Protocol

from callboard.access.permissions.types import Permission
from callboard.access.principals import Principal
from callboard.access.roles.document import Known, Policies
from callboard.access.roles.evaluate import Explanation, explain, rules_hold
from callboard.access.roles.policy import RolesPolicy
from callboard.access.roles.reading import MAX_BYTES, read_policies
from callboard.access.roles.store import Version
from callboard.core.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from callboard.model.refs import parse_ref

POLICY_READ = Permission("policy.read", "read")
POLICY_UPDATE = Permission("policy.update", "update")
PERMISSIONS = (POLICY_READ, POLICY_UPDATE)
ATTEMPTS = 5

Change = Callable[[Policies], Policies]
Ownership = Callable[[str], Sequence[str]]
"""The refs that count as a user: `Directory.ownership`."""
Resource = Callable[[Principal, str, str], Awaitable[Any]]
"""The resource of a type under a ref, as the rules of that type take it (JSON, hence Any), if the principal
may see it; else None."""


class Guard(Protocol):
    """Refuses what a principal may not do; `Permissions` is one."""

    async def require(self, principal: Principal, permission: Permission) -> None:
        """Raises NotAllowedError."""


async def no_resource(_asker: Principal, _type: str, _ref: str) -> Any:
    """Where nothing can be looked up."""
    return None


class Roles:
    def __init__(
        self, policy: RolesPolicy, guard: Guard, ownership: Ownership, resource: Resource = no_resource
    ) -> None:
        self._policy = policy
        self._guard = guard
        self._ownership = ownership
        self._resource = resource

    @property
    def known(self) -> Known:
        """The permissions and rules that a document may speak of."""
        return self._policy.known()

    @property
    def read_only(self) -> str:
        """Where the document stands, when it can be changed only there; else nothing."""
        settings = self._policy.settings
        if settings.file is None:
            return ""
        file, line = settings.where or ("the configuration", None)
        return f"{settings.file} (permission.roles.file in {file}{f':{line}' if line else ''})"

    @property
    def admins(self) -> list[str]:
        """Refs that the configuration allows everything."""
        return sorted(self._policy.settings.admins)

    @property
    def problems(self) -> Sequence[Any]:
        """Why the file cannot be used as it is now."""
        return self._policy.problems

    async def may_update(self, asker: Principal) -> bool:
        """Whether the asker may change the document, and it can be changed at all."""
        try:
            await self.check_update(asker)
        except NotAllowedError:
            return False
        return True

    async def current(self, asker: Principal) -> tuple[Version, Policies]:
        """The document in force, as it is written."""
        await self._guard.require(asker, POLICY_READ)
        if not self.read_only:
            await self._policy.reload()
        return self._policy.about, self._policy.document

    async def versions(self, asker: Principal, before: int | None = None, limit: int = 50) -> list[Version]:
        """The newest first."""
        await self._guard.require(asker, POLICY_READ)
        return await self._policy.store.versions(before, limit)

    async def version(self, asker: Principal, number: int) -> tuple[Version, Policies]:
        """One version. Raises NotFoundError."""
        await self._guard.require(asker, POLICY_READ)
        return await self._policy.store.version(number)

    async def save(
        self, asker: Principal, document: Policies, *, based_on: int, comment: str = ""
    ) -> Version:
        """Make a new version, unless nothing differs. Raises ConflictError, ConfigError with all mistakes."""
        await self.check_update(asker)
        about, now = await self._policy.store.current()
        if about.version != based_on:
            raise ConflictError(
                f"The roles were changed meanwhile: your change is based on version {based_on}, "
                f"now there is version {about.version}. Load them again and repeat the change."
            )
        if document == now:
            return about
        if len(document.text()) > MAX_BYTES:
            raise InputError(f"The roles would be longer than {MAX_BYTES} bytes.")
        read_policies(document.as_json(), self.known)
        made = await self._policy.store.save(document, based_on=based_on, author=asker.name, comment=comment)
        await self._policy.reload()
        return made

    async def change(
        self, asker: Principal, change: Change, *, based_on: int | None = None, comment: str = ""
    ) -> Version:
        """Save what `change` makes of the document in force.

        Without `based_on` it is made anew when somebody else was faster: `change` must check itself that it
        still finds what it expects.
        """
        await self.check_update(asker)
        for attempt in range(ATTEMPTS):
            about, now = await self._policy.store.current()
            if based_on is not None and based_on != about.version:
                # The conflict comes first: what the change speaks of may be there no longer.
                return await self.save(asker, now, based_on=based_on)
            try:
                return await self.save(asker, change(now), based_on=about.version, comment=comment)
            except ConflictError:
                if based_on is not None or attempt == ATTEMPTS - 1 or await self._at(about.version):
                    raise
        raise AssertionError("unreachable")

    async def restore(self, asker: Principal, number: int, *, based_on: int, comment: str = "") -> Version:
        """Make a new version that is like an old one. Raises ConfigError when it names what is gone."""
        await self.check_update(asker)
        _, document = await self._policy.store.version(number)
        said = comment or f"Restored version {number}"
        return await self.save(asker, document, based_on=based_on, comment=said)

    async def explain(
        self, asker: Principal, user: str, permission: str, resource_ref: str | None = None
    ) -> Explanation:
        """What a user may do and why. Raises InputError for what is no user or permission, NotFoundError."""
        await self._guard.require(asker, POLICY_READ)
        ref, asked = user_ref(user), self.permission(permission)
        owns = tuple(dict.fromkeys((ref, *self._ownership(ref))))
        holds = None
        if resource_ref:
            if asked.resource_type is None:
                raise InputError(f"{asked.name} is not about single resources; leave the resource out.")
            found = await self._resource(asker, asked.resource_type, resource_ref)
            if found is None:
                raise NotFoundError(f"There is no {asked.resource_type} {resource_ref} that you may see.")
            holds = rules_hold(self.known.rules, found, asked.resource_type)
        return explain(
            self._policy.effective, asked, ref, owns, admins=self._policy.settings.admins, holds=holds
        )

    def permission(self, name: str) -> Permission:
        """The permission of that name. Raises InputError with the one that was perhaps meant."""
        permissions = {one.name: one for one in self.known.permissions}
        if name not in permissions:
            near = get_close_matches(name, permissions, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise InputError(f'There is no permission "{name}".{hint}')
        return permissions[name]

    async def _at(self, version: int) -> bool:
        return await self._policy.store.newest() == version

    async def check_update(self, asker: Principal) -> None:
        """Raises NotAllowedError when the asker may not change the document, or nobody can here."""
        await self._guard.require(asker, POLICY_UPDATE)
        if self.read_only:
            raise NotAllowedError(f"The roles stand in {self.read_only}. Change them there.")


def user_ref(text: str) -> str:
    """The full ref of a user, from a name or a ref in any case. Raises InputError."""
    ref = parse_ref(text.strip(), "user")
    if ref.kind.lower() != "user":
        raise InputError(f'"{text}" is not a user.')
    return str(ref)
