"""The domains of publishers: named, proved, taken away. Only those that are proved are ever shown."""

from __future__ import annotations

import secrets

from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.proof import proved, read_domain
from callboard.marketplace.desk.provider import publish_publisher
from callboard.marketplace.desk.publisher_mail import tell_about
from callboard.marketplace.desk.records import Domain, Publisher
from callboard.marketplace.desk.tables import domains

MOST_DOMAINS = 10


class Domains:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def add(self, asker: Asker, name: str, domain: str) -> None:
        asker.note("domain-add", publisher=name, domain=domain[:253])
        await self._office.require_role(asker, name, "owner")
        wanted = read_domain(domain)

        async def work(rows: store.Rows) -> None:
            if len(await store.domains_of(rows, name)) >= MOST_DOMAINS:
                raise ConflictError(f"A publisher has at most {MOST_DOMAINS} domains")
            await add_domain(rows, name, wanted)
            await store.note(rows, known.subject, asker.name, "domain", wanted)
            await tell_about(self._office, rows, addresses, "domain", asker, known, wanted)

        known = await self._publisher(name)
        addresses = await self._office.addresses(known)
        await self._office.write(work)
        self._office.post()

    async def drop(self, asker: Asker, name: str, domain: str) -> None:
        """Take a domain away. Raises NotFoundError; ConflictError for the last proof that a mark rests on."""
        asker.note("domain-drop", publisher=name, domain=domain[:253])
        await self._office.require_role(asker, name, "owner")
        folded = domain.strip().lower()

        async def work(rows: store.Rows) -> None:
            known = await store.publisher(rows, name)
            named = await store.domains_of(rows, name)
            if folded not in {one.name for one in named}:
                raise NotFoundError(f"The publisher names no domain {domain[:100]}")
            rests = known.type != "community" and known.state in ("approved", "suspended")
            if rests and not any(one.verified_at for one in named if one.name != folded):
                raise ConflictError(f"A {known.type} needs a domain that is proved: prove another one first")
            await store.drop_domain(rows, name, folded)
            await store.note(rows, known.subject, asker.name, "domain-drop", folded)
            await tell_about(self._office, rows, addresses, "domain-drop", asker, known, folded)

        addresses = await self._office.addresses(await self._publisher(name))
        await self._office.write(work)
        self._office.post()
        await publish_publisher(self._office, name)

    async def prove(self, asker: Asker, name: str, domain: str) -> tuple[Domain, list[str]]:
        """Look whether the domain shows its token now; the domain, and what was found instead.

        Raises ConflictError when another publisher has proved the domain.
        """
        asker.note("domain-prove", publisher=name, domain=domain[:253])
        await self._office.require_role(asker, name, "owner", "maintainer")
        self._office.limit(asker, "prove", 20, 600)
        known = next((one for one in await self._named(name) if one.name == domain.lower()), None)
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
            await tell_about(self._office, rows, addresses, "prove", asker, of, known.name)

        of = await self._publisher(name)
        addresses = await self._office.addresses(of)
        await self._office.write(work)
        self._office.post()
        await publish_publisher(self._office, name)
        return next(one for one in await self._named(name) if one.name == known.name), []

    async def _publisher(self, name: str) -> Publisher:
        return await self._office.read(lambda rows: store.publisher(rows, name))

    async def _named(self, name: str) -> list[Domain]:
        return await self._office.read(lambda rows: store.domains_of(rows, name))


async def add_domain(rows: store.Rows, publisher: str, domain: str) -> None:
    """Part of a transaction. Raises ConflictError when the publisher names it already."""
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
