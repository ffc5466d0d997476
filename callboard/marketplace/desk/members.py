"""Who works for a publisher, as what: users and groups that there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from callboard.core.errors import ConflictError, InputError
from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.provider import publish_publisher
from callboard.marketplace.desk.publisher_mail import tell_about
from callboard.marketplace.desk.records import MEMBER_ROLES, Member
from callboard.model.format import is_dns_label, is_object_name
from callboard.model.refs import parse_ref

MOST_MEMBERS = 50


class Members:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def put(self, asker: Asker, name: str, member: str, role: str) -> None:
        """Add a user or group, or change its role; the last owner stays one."""
        ref = _member_ref(member)
        asker.note("member-set", "high", publisher=name, member=ref, role=role[:20])
        await self._office.require_role(asker, name, "owner")
        if role not in MEMBER_ROLES:
            raise InputError(f"role must be one of {', '.join(MEMBER_ROLES)}")
        if ref not in {one.member for one in await self._members(name)}:
            await self._office.require_known(ref)

        async def work(rows: store.Rows) -> None:
            known = await store.members_of(rows, name)
            if len(known) >= MOST_MEMBERS and ref not in {one.member for one in known}:
                raise ConflictError(f"A publisher has at most {MOST_MEMBERS} members")
            _keep_an_owner(known, ref, role)
            await store.put_member(rows, name, ref, role, asker.name)
            await store.note(rows, f"publisher:{name}", asker.name, "member", f"{ref} is {role}")

        await self._changed(asker, name, ref, f"is {role} now", work)

    async def drop(self, asker: Asker, name: str, member: str) -> None:
        ref = member.strip().lower()
        asker.note("member-drop", "high", publisher=name, member=ref[:300])
        await self._office.require_role(asker, name, "owner")

        async def work(rows: store.Rows) -> None:
            _keep_an_owner(await store.members_of(rows, name), ref, "")
            if not await store.drop_member(rows, name, ref):
                raise InputError(f"{ref} is no member")
            await store.note(rows, f"publisher:{name}", asker.name, "member", f"{ref} is none any more")

        await self._changed(asker, name, ref, "is no member any more", work)

    async def _changed(
        self, asker: Asker, name: str, ref: str, what: str, work: Callable[[store.Rows], Awaitable[None]]
    ) -> None:
        """Do it, and mail the publisher and who it is about what became of a member."""
        of = await self._office.read(lambda rows: store.publisher(rows, name))
        addresses = [*await self._office.addresses(of), *self._office.person_addresses(ref)]

        async def told(rows: store.Rows) -> None:
            await work(rows)
            said = f"{self._office.called(ref)} {what}"
            await tell_about(self._office, rows, addresses, "member", asker, of, said)

        await self._office.write(told)
        self._office.post()
        await publish_publisher(self._office, name)

    async def _members(self, name: str) -> list[Member]:
        return await self._office.read(lambda rows: store.members_of(rows, name))


def _member_ref(text: str) -> str:
    """Raises InputError for what names no user and no group."""
    ref = parse_ref(text.strip(), "user")
    if ref.kind.lower() not in ("user", "group"):
        raise InputError("A member is a user or a group")
    if not is_object_name(ref.name) or not is_dns_label(ref.namespace.lower()):
        raise InputError(f"{text[:100]} is no reference such as user:default/jane")
    return str(ref)


def _keep_an_owner(members: Sequence[Member], ref: str, role: str) -> None:
    owners = {one.member for one in members if one.role == "owner"}
    if role != "owner" and owners == {ref}:
        raise ConflictError("It is the last owner: name another one first")
