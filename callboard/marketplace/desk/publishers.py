"""Publishers: they apply, are approved or rejected, and say who they are. See `domains`, `members`."""

from __future__ import annotations

import time

from callboard.core.errors import ConflictError, InputError, NotAllowedError
from callboard.core.mail import is_address
from callboard.marketplace.checks.declared import NAME
from callboard.marketplace.checks.findings import Finding
from callboard.marketplace.checks.links import check_text_links, wrong_url
from callboard.marketplace.desk import store
from callboard.marketplace.desk.domains import add_domain
from callboard.marketplace.desk.naming import findings_of, refuse_described
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.permissions import PUBLISHER_CREATE, REVIEW, TAKEDOWN
from callboard.marketplace.desk.proof import read_domain
from callboard.marketplace.desk.provider import publish_publisher
from callboard.marketplace.desk.publisher_mail import tell_about
from callboard.marketplace.desk.records import (
    MEMBER_ROLES,
    PUBLISHER_TYPES,
    Domain,
    Event,
    Member,
    Publisher,
)
from callboard.marketplace.desk.tables import publishers

MOST_APPLICATIONS = 5
"""Of one person within an hour."""
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
        if not NAME.fullmatch(name) or len(name) > 60:
            raise InputError("name must be lower-case letters and digits, parted by hyphens, 60 at most")
        if name in _RESERVED:
            raise ConflictError(f"The name {name} is kept for others")
        values = _profile(title, url, contact, about)
        wanted = read_domain(domain) if domain.strip() else ""
        refuse_described(self._office.queries.index, name)
        if await self._office.read(lambda rows: store.find_publisher(rows, name)) is not None:
            raise ConflictError(f"There is a publisher {name} already")
        # Only what could be decided counts: who corrects a form is not kept away.
        self._office.limit(asker, "apply", MOST_APPLICATIONS, 3600)
        found = await findings_of(self._office, name, values["title"])
        warned = "\n".join(one.message for one in found)
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
                await add_domain(rows, name, wanted)
            made = await store.publisher(rows, name)
            await store.note(rows, made.subject, asker.name, "apply", warned)
            to = [contact.strip(), *self._office.person_addresses(asker.name)]
            await tell_about(self._office, rows, to, "apply", asker, made)
            await self._office.tell_operators(
                rows,
                "application",
                asker,
                title=made.title,
                path="/marketplace/desk/review",
                reason="\n\n".join(one for one in (made.about, warned) if one),
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
        before = await self.find(name)
        if before.state in ("approved", "suspended") and values["title"] != before.title:
            # Nobody reviews a profile, so it cannot become what a reviewer would have weighed.
            for one in await findings_of(self._office, name, values["title"]):
                if one.level == "error" and one.field == "title":
                    raise ConflictError(f"The title cannot be changed to this. {one.message}")

        changed = ", ".join(key for key, value in values.items() if getattr(before, key) != value)

        async def work(rows: store.Rows) -> Publisher:
            await store.change_publisher(rows, name, **values)
            if changed:
                await store.note(rows, before.subject, asker.name, "edit", changed)
                # A contact that was replaced learns of it as well: perhaps somebody else did it.
                await tell_about(
                    self._office, rows, [*addresses, values["contact"]], "edit", asker, before, changed
                )
            return await store.publisher(rows, name)

        addresses = await self._office.addresses(before)
        made = await self._office.write(work)
        self._office.post()
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
        if approve and len(reason.strip()) < 3:
            for one in await self.findings(await self.find(name)):
                if one.level == "error":
                    raise InputError(f"Say why it is approved nevertheless. {one.message}")

        async def work(rows: store.Rows) -> Publisher:
            known = await store.publisher(rows, name)
            if known.state not in ("applied", "rejected") or (known.state == "rejected" and not approve):
                raise ConflictError(f"The publisher is {known.state} already")
            named = await store.domains_of(rows, name)
            if approve and type != "community" and not any(one.verified_at for one in named):
                raise ConflictError(f"A {type} needs a domain that is proved")
            state = "approved" if approve else "rejected"
            values = {"type": type} if approve else {}
            await store.change_publisher(rows, name, state=state, reason=reason.strip(), **values)
            await store.note(rows, known.subject, asker.name, state, reason.strip())
            await tell_about(self._office, rows, addresses, state, asker, known, reason=reason)
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
            step = "suspended" if suspended else "resumed"
            await store.note(rows, known.subject, asker.name, step, reason.strip())
            await tell_about(self._office, rows, addresses, step, asker, known, reason=reason)
            return await store.publisher(rows, name)

        addresses = await self._office.addresses(await self.find(name))
        made = await self._office.write(work)
        self._office.post()
        return made

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

    async def findings(self, one: Publisher) -> tuple[Finding, ...]:
        """What is to be weighed about the names of one that was not approved yet; nothing afterwards."""
        if one.state not in ("applied", "rejected"):
            return ()
        return await findings_of(self._office, one.name, one.title)

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
    if contact and not is_address(contact) and (wrong := wrong_url(contact)) is not None:
        raise InputError(f"contact must be a mail address or an https: address; it {wrong}")
    if len(about) > 20_000:
        raise InputError("about must have at most 20,000 characters")
    if (refused := next(check_text_links(about, "about"), None)) is not None:
        raise InputError(f"about: {refused.message}")
    return {"title": title, "url": url, "contact": contact, "about": about}


def _rank(one: Member) -> int:
    """The lowest role first, so that the highest wins."""
    return -MEMBER_ROLES.index(one.role)
