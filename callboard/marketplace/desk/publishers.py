"""Publishers: they apply, prove their domains, are approved or rejected, and say who works for them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from callboard.core.errors import ConflictError, InputError, NotAllowedError
from callboard.core.mail import is_address
from callboard.marketplace.checks.declared import NAME
from callboard.marketplace.checks.links import wrong_url
from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.permissions import PUBLISHER_CREATE, REVIEW, TAKEDOWN
from callboard.marketplace.desk.proof import proved, read_domain
from callboard.marketplace.desk.provider import publish_publisher
from callboard.marketplace.desk.records import (
    MEMBER_ROLES,
    PUBLISHER_TYPES,
    Domain,
    Event,
    Member,
    Publisher,
)
from callboard.marketplace.desk.tables import domains, publishers
from callboard.model.refs import parse_ref

MOST_DOMAINS = 10
MOST_MEMBERS = 50
_RESERVED = {"callboard", "backstage", "admin", "marketplace", "official", "spotify"}


class Publishers:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def apply(
        self,
        asker: Asker,
        *,
        name: str,
        title: str,
        domain: str = "",
        url: str = "",
        contact: str = "",
        about: str = "",
    ) -> Publisher:
        """Apply as a publisher; the asker becomes its owner. Raises InputError, ConflictError."""
        asker.note("publisher-apply", publisher=name[:63])
        await self._office.require(asker, PUBLISHER_CREATE)
        self._office.limit(asker, "apply", 5, 3600)
        if not NAME.fullmatch(name) or len(name) > 60:
            raise InputError("name must be lower-case letters and digits, parted by hyphens, 60 at most")
        if name in _RESERVED:
            raise ConflictError(f"The name {name} is kept for others")
        values = _profile(title, url, contact, about)
        wanted = read_domain(domain) if domain.strip() else ""
        now = time.time()

        async def work(rows: store.Rows) -> Publisher:
            await store.add(
                rows,
                publishers,
                f"There is a publisher {name} already",
                name=name,
                type="community",
                state="applied",
                reason="",
                applied_by=asker.name,
                applied_at=now,
                changed_at=now,
                **values,
            )
            await store.put_member(rows, name, asker.name.lower(), "owner", asker.name)
            if wanted:
                await self._add_domain(rows, name, wanted)
            made = await store.publisher(rows, name)
            await store.note(rows, made.subject, asker.name, "apply")
            await self._office.mail_operators(
                rows,
                f"{made.title} applies as a publisher",
                f"{asker.name} applies.\n{self._office.link('/marketplace/desk/review')}\n",
            )
            return made

        made = await self._office.write(work)
        self._office.post()
        return made

    async def edit(
        self, asker: Asker, name: str, *, title: str, url: str = "", contact: str = "", about: str = ""
    ) -> Publisher:
        """Change what a publisher says of itself."""
        asker.note("publisher-edit", publisher=name)
        await self._office.require_role(asker, name, "owner", "maintainer")
        values = _profile(title, url, contact, about)

        async def work(rows: store.Rows) -> Publisher:
            await store.change_publisher(rows, name, **values)
            return await store.publisher(rows, name)

        made = await self._office.write(work)
        await publish_publisher(self._office, name)
        return made

    async def decide(
        self, asker: Asker, name: str, *, approve: bool, type: str = "community", reason: str = ""
    ) -> Publisher:
        """Approve an application as a type of publisher, or reject it with a reason."""
        asker.note("publisher-approve" if approve else "publisher-reject", "high", publisher=name)
        await self._office.require(asker, REVIEW)
        if "reviewer" not in await self._office.roles(asker, name):
            raise NotAllowedError("You are a member of this publisher: somebody else must decide")
        if approve and type not in PUBLISHER_TYPES:
            raise InputError(f"type must be one of {', '.join(PUBLISHER_TYPES)}")
        if not approve and len(reason.strip()) < 3:
            raise InputError("Say why it is rejected")

        async def work(rows: store.Rows) -> Publisher:
            known = await store.publisher(rows, name)
            if known.state not in ("applied", "rejected") or (known.state == "rejected" and not approve):
                raise ConflictError(f"The publisher is {known.state} already")
            named = await store.domains_of(rows, name)
            if approve and type != "community" and not any(one.verified_at for one in named):
                raise ConflictError(f"A {type} needs a domain that is proved")
            if approve and named and not any(one.verified_at for one in named):
                raise ConflictError("None of its domains is proved yet")
            state = "approved" if approve else "rejected"
            values = {"type": type} if approve else {}
            await store.change_publisher(rows, name, state=state, reason=reason.strip(), **values)
            await store.note(rows, known.subject, asker.name, state, reason.strip())
            await self._office.mail(
                rows,
                addresses,
                f"{known.title} is {state} as a publisher",
                f"{reason.strip() or 'You can submit plugins now.'}\n"
                f"{self._office.link(f'/marketplace/desk/publishers/{name}')}\n",
            )
            return await store.publisher(rows, name)

        addresses = await self._office.addresses(await self.find(name))
        made = await self._office.write(work)
        self._office.post()
        await publish_publisher(self._office, name)
        return made

    async def suspend(self, asker: Asker, name: str, *, suspended: bool, reason: str = "") -> Publisher:
        """Keep a publisher from submitting and releasing, or let it again."""
        asker.note("publisher-suspend" if suspended else "publisher-resume", "high", publisher=name)
        await self._office.require(asker, TAKEDOWN)
        if suspended and len(reason.strip()) < 3:
            raise InputError("Say why it is suspended")

        async def work(rows: store.Rows) -> Publisher:
            known = await store.publisher(rows, name)
            if known.state != ("approved" if suspended else "suspended"):
                raise ConflictError(f"The publisher is {known.state}")
            state = "suspended" if suspended else "approved"
            await store.change_publisher(rows, name, state=state, reason=reason.strip())
            await store.note(rows, known.subject, asker.name, state, reason.strip())
            await self._office.mail(rows, addresses, f"{known.title} is {state}", f"{reason.strip()}\n")
            return await store.publisher(rows, name)

        addresses = await self._office.addresses(await self.find(name))
        made = await self._office.write(work)
        self._office.post()
        return made

    # Domains

    async def add_domain(self, asker: Asker, name: str, domain: str) -> None:
        asker.note("domain-add", publisher=name, domain=domain[:253])
        await self._office.require_role(asker, name, "owner")
        wanted = read_domain(domain)

        async def work(rows: store.Rows) -> None:
            if len(await store.domains_of(rows, name)) >= MOST_DOMAINS:
                raise ConflictError(f"A publisher has at most {MOST_DOMAINS} domains")
            await self._add_domain(rows, name, wanted)

        await self._office.write(work)

    async def prove(self, asker: Asker, name: str, domain: str) -> tuple[Domain, list[str]]:
        """Look whether the domain shows its token now; the domain, and what was found instead.

        Raises ConflictError when another publisher has proved the domain.
        """
        asker.note("domain-prove", publisher=name, domain=domain[:253])
        await self._office.require_role(asker, name, "owner", "maintainer")
        self._office.limit(asker, "prove", 20, 600)
        known = next((one for one in await self.domains(name) if one.name == domain.lower()), None)
        if known is None:
            raise InputError(f"The publisher names no domain {domain[:100]}")
        settings = self._office.settings
        default = settings.well_known == type(settings)().well_known
        way, told = await proved(
            known.name,
            known.token,
            resolver=settings.resolver,
            well_known=settings.well_known,
            reader=None if default else self._office.reader,
        )
        if way is None:
            return known, told

        async def work(rows: store.Rows) -> None:
            owner = await store.verified_owner(rows, known.name)
            if owner not in (None, name):
                raise ConflictError(f"{known.name} is proved by another publisher")
            await store.verify_domain(rows, name, known.name, way)
            await store.note(rows, f"publisher:{name}", asker.name, "prove", f"{known.name} by {way}")

        await self._office.write(work)
        await publish_publisher(self._office, name)
        return next(one for one in await self.domains(name) if one.name == known.name), []

    async def _add_domain(self, rows: store.Rows, publisher: str, domain: str) -> None:
        await store.add(
            rows,
            domains,
            f"{domain} is named already",
            publisher=publisher,
            name=domain,
            token=secrets.token_hex(16),
            verified_at=None,
            method="",
        )

    # Members

    async def set_member(self, asker: Asker, name: str, member: str, role: str) -> None:
        """Add a user or group, or change its role; the last owner stays one."""
        ref = str(parse_ref(member.strip(), "user")).lower()
        asker.note("member-set", "high", publisher=name, member=ref, role=role[:20])
        await self._office.require_role(asker, name, "owner")
        if role not in MEMBER_ROLES:
            raise InputError(f"role must be one of {', '.join(MEMBER_ROLES)}")
        if not ref.startswith(("user:", "group:")):
            raise InputError("A member is a user or a group")

        async def work(rows: store.Rows) -> None:
            known = await store.members_of(rows, name)
            if len(known) >= MOST_MEMBERS:
                raise ConflictError(f"A publisher has at most {MOST_MEMBERS} members")
            _keep_an_owner(known, ref, role)
            await store.put_member(rows, name, ref, role, asker.name)
            await store.note(rows, f"publisher:{name}", asker.name, "member", f"{ref} is {role}")

        await self._office.write(work)
        await publish_publisher(self._office, name)

    async def drop_member(self, asker: Asker, name: str, member: str) -> None:
        ref = member.strip().lower()
        asker.note("member-drop", "high", publisher=name, member=ref[:300])
        await self._office.require_role(asker, name, "owner")

        async def work(rows: store.Rows) -> None:
            _keep_an_owner(await store.members_of(rows, name), ref, "")
            if not await store.drop_member(rows, name, ref):
                raise InputError(f"{ref} is no member")
            await store.note(rows, f"publisher:{name}", asker.name, "member", f"{ref} is none any more")

        await self._office.write(work)
        await publish_publisher(self._office, name)

    # What is read

    async def find(self, name: str) -> Publisher:
        """Raises NotFoundError."""
        return await self._office.read(lambda rows: store.publisher(rows, name))

    async def seen(self, asker: Asker, name: str) -> Publisher:
        """For its members and those who review. Raises NotAllowedError, NotFoundError."""
        await self._office.require_role(asker, name, "owner", "maintainer", "viewer", "reviewer")
        return await self.find(name)

    async def of(self, asker: Asker) -> list[tuple[Publisher, str]]:
        """The publishers that the asker is a member of, with the role."""
        if asker.principal.means == "open":
            every = await self._office.read(store.all_publishers)
            return [(one, "owner") for one in every]
        refs = list(dict.fromkeys((asker.principal.subject, *asker.principal.owns)))
        found = await self._office.read(lambda rows: store.memberships(rows, refs))
        best = {one.publisher: one.role for one in sorted(found, key=_rank)}
        return [(await self.find(name), role) for name, role in sorted(best.items())]

    async def applications(self, asker: Asker) -> list[Publisher]:
        await self._office.require(asker, REVIEW)
        return await self._office.read(lambda rows: store.all_publishers(rows, "applied"))

    async def domains(self, name: str) -> list[Domain]:
        return await self._office.read(lambda rows: store.domains_of(rows, name))

    async def members(self, name: str) -> list[Member]:
        return await self._office.read(lambda rows: store.members_of(rows, name))

    async def timeline(self, name: str) -> list[Event]:
        return await self._office.read(lambda rows: store.events_of(rows, f"publisher:{name}"))


def _profile(title: str, url: str, contact: str, about: str) -> dict[str, str]:
    title, url, contact = title.strip(), url.strip(), contact.strip()
    about = about.replace("\r\n", "\n").strip()
    if not 0 < len(title) <= 80 or not title.isprintable():
        raise InputError("title must be a line of 1 to 80 characters")
    if url and (wrong := wrong_url(url)) is not None:
        raise InputError(f"url {wrong}")
    if contact and not is_address(contact) and wrong_url(contact) is not None:
        raise InputError("contact must be a mail address or an https: address")
    if len(about) > 20_000:
        raise InputError("about must have at most 20,000 characters")
    return {"title": title, "url": url, "contact": contact, "about": about}


def _keep_an_owner(members: Sequence[Member], ref: str, role: str) -> None:
    owners = {one.member for one in members if one.role == "owner"}
    if role != "owner" and owners == {ref}:
        raise ConflictError("It is the last owner: name another one first")


def _rank(one: Member) -> int:
    """The lowest role first, so that the highest wins."""
    return -MEMBER_ROLES.index(one.role)
