"""What happens to listings and releases after they are published: deprecated, yanked, transferred, reported,
taken down."""

from __future__ import annotations

import time

from callboard.core.errors import ConflictError, InputError, NotAllowedError
from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.permissions import LISTING_MANAGE, REPORT_CREATE, TAKEDOWN
from callboard.marketplace.desk.provider import publish_listing
from callboard.marketplace.desk.records import Event, Listing, Release, Report, Token
from callboard.marketplace.desk.releases import check_token
from callboard.marketplace.desk.shelf import shown_listing, title_of
from callboard.marketplace.desk.tables import reports
from callboard.model.refs import parse_ref

MOST_REASON = 2000
REPORT_KINDS = ("malware", "vulnerability", "impersonation", "licence", "broken", "other")


class Shelving:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def find(self, name: str) -> Listing:
        """Raises NotFoundError."""
        return await self._office.read(lambda rows: store.listing(rows, name))

    async def releases(self, name: str) -> list[Release]:
        return await self._office.read(lambda rows: store.releases_of(rows, name))

    async def of(self, publisher: str) -> list[Listing]:
        return await self._office.read(lambda rows: store.all_listings(rows, publisher))

    async def timeline(self, name: str) -> list[Event]:
        return await self._office.read(lambda rows: store.events_of(rows, f"listing:{name}"))

    # By the publisher

    async def deprecate(
        self, asker: Asker, name: str, *, deprecated: bool, reason: str = "", replaced_by: str = ""
    ) -> Listing:
        """Say that a listing has no future, perhaps with another one in its place, or take it back."""
        asker.note("listing-deprecate" if deprecated else "listing-revive", "high", listing=name)
        known = await self._managed(asker, name)
        instead = shown_listing(self._office.queries.index, replaced_by) if replaced_by.strip() else ""
        if instead == f"listing:default/{name}":
            raise InputError("A listing cannot replace itself")
        reason = reason.replace("\r\n", "\n").strip()
        if len(reason) > MOST_REASON:
            raise InputError(f"A reason has at most {MOST_REASON:,} characters")
        values = {
            "lifecycle": "deprecated" if deprecated else "active",
            "replaced_by": instead if deprecated else "",
            "deprecated_reason": reason if deprecated else "",
        }
        return await self._changed(
            asker, known, "deprecate" if deprecated else "revive", reason.strip(), None, **values
        )

    async def yank(
        self,
        asker: Asker,
        name: str,
        version: str,
        *,
        yanked: bool,
        reason: str = "",
        token: Token | None = None,
    ) -> Release:
        """Keep a version from being chosen by anybody who does not name it, or let it again."""
        asker.note(
            "release-yank" if yanked else "release-unyank", "high", listing=name, version=version[:100]
        )
        if token is None:
            known = await self._managed(asker, name)
        else:
            known = await self.find(name)
            check_token(token, known.publisher, name)
        reason = reason.strip()[:2000]
        if yanked and len(reason) < 3:
            raise InputError("Say why it is yanked: people who run it read it")

        async def work(rows: store.Rows) -> Release:
            found = await store.release(rows, name, version)
            if (found.yanked_at is not None) == yanked:
                raise ConflictError(f"{version} is {'yanked already' if yanked else 'not yanked'}")
            await store.change_release(
                rows,
                name,
                version,
                yanked_at=time.time() if yanked else None,
                yanked_reason=reason if yanked else "",
            )
            told = f"{version}: {reason}" if reason else version
            await store.note(rows, known.subject, asker.name, "yank" if yanked else "unyank", told)
            await self._office.tell(
                rows,
                addresses,
                "yank" if yanked else "unyank",
                asker,
                title=known.title,
                path=f"/marketplace/desk/listings/{name}",
                detail=version,
                reason=reason,
            )
            return await store.release(rows, name, version)

        addresses = await self._addresses(known.publisher)
        made = await self._office.write(work)
        self._office.post()
        await publish_listing(self._office, name)
        return made

    async def offer(self, asker: Asker, name: str, publisher: str) -> Listing:
        """Offer a listing to another publisher, or take the offer back with nobody."""
        asker.note("listing-offer", "high", listing=name, publisher=publisher[:63])
        known = await self._managed(asker, name, owners_only=True)
        if publisher == known.publisher:
            raise InputError("It belongs to this publisher already")
        others: list[str] = []
        if publisher:
            other = await self._office.read(lambda rows: store.publisher(rows, publisher))
            if other.state != "approved":
                raise ConflictError(f"The publisher {publisher} is {other.state}")
            others = await self._addresses(publisher)
        return await self._changed(
            asker, known, "offer" if publisher else "offer-back", publisher, others, transfer_to=publisher
        )

    async def accept(self, asker: Asker, name: str, *, accepted: bool) -> Listing:
        """Take over a listing that was offered, or decline. Tokens for it are of the former publisher."""
        asker.note("listing-accept" if accepted else "listing-decline", "high", listing=name)
        known = await self.find(name)
        if not known.transfer_to:
            raise ConflictError(f"{name} is offered to nobody")
        await self._office.require_role(asker, known.transfer_to, "owner")
        others = await self._addresses(known.transfer_to)
        values = {"transfer_to": "", **({"publisher": known.transfer_to} if accepted else {})}
        told = f"from {known.publisher} to {known.transfer_to}" if accepted else known.transfer_to
        return await self._changed(asker, known, "accept" if accepted else "decline", told, others, **values)

    async def offers(self, publisher: str) -> list[Listing]:
        return await self._office.read(lambda rows: store.transfers_to(rows, publisher))

    # By everyone, and by those who keep order

    async def report(self, asker: Asker, listing: str, kind: str, text: str) -> Report:
        """Report abuse of any listing of the catalog, ours or not."""
        ref = str(parse_ref(listing.strip(), "listing")).lower()
        asker.note("listing-report", listing=ref[:300], kind=kind[:30])
        await self._office.require(asker, REPORT_CREATE)
        text = text.replace("\r\n", "\n").strip()
        if kind not in REPORT_KINDS:
            raise InputError(f"kind must be one of {', '.join(REPORT_KINDS)}")
        if not 10 <= len(text) <= 5000:
            raise InputError("Say in 10 to 5,000 characters what is wrong")
        if self._office.queries.index.row(ref) is None or not ref.startswith("listing:"):
            raise InputError(f"There is no listing {listing[:100]}")
        self._office.limit(asker, "report", 10, 3600)
        id = store.new_id()

        async def work(rows: store.Rows) -> Report:
            await store.add(
                rows,
                reports,
                "There is such a report",
                id=id,
                listing=ref,
                kind=kind,
                text=text,
                reporter=asker.name,
                reported_at=time.time(),
                state="open",
                decision="",
                decided_by="",
                decided_at=None,
            )
            said = {"title": title_of(self._office.queries.index, ref), "detail": kind, "reason": text}
            await self._office.tell_operators(rows, "report", asker, path="/marketplace/desk/review", **said)
            reporter = self._office.person_addresses(asker.name)
            await self._office.tell(rows, reporter, "report-received", asker, path="/marketplace", **said)
            return await store.report(rows, id)

        made = await self._office.write(work)
        self._office.post()
        return made

    async def reports(self, asker: Asker, state: str | None = "open") -> list[Report]:
        await self._office.require(asker, TAKEDOWN)
        return await self._office.read(lambda rows: store.all_reports(rows, state))

    async def decide_report(self, asker: Asker, id: str, *, dismissed: bool, decision: str) -> Report:
        asker.note("report-decide", report=id[:24], dismissed=dismissed)
        await self._office.require(asker, TAKEDOWN)
        if len(decision.strip()) < 3:
            raise InputError("Say what was decided, and why")

        async def work(rows: store.Rows) -> Report:
            known = await store.report(rows, id)
            if known.state != "open":
                raise ConflictError("The report is decided already")
            await store.change_report(
                rows,
                id,
                state="dismissed" if dismissed else "acted-on",
                decision=decision.strip()[:5000],
                decided_by=asker.name,
                decided_at=time.time(),
            )
            await self._office.tell(
                rows,
                self._office.person_addresses(known.reporter),
                "report-dismissed" if dismissed else "report-acted-on",
                asker,
                title=title_of(self._office.queries.index, known.listing),
                path="/marketplace",
                detail=known.kind,
                reason=decision,
            )
            return await store.report(rows, id)

        made = await self._office.write(work)
        self._office.post()
        return made

    async def take_down(self, asker: Asker, name: str, *, down: bool, reason: str = "") -> Listing:
        """Take a listing off the shelf: nobody gets its wheels any more; or put it back."""
        asker.note("listing-take-down" if down else "listing-restore", "critical", listing=name)
        await self._office.require(asker, TAKEDOWN)
        known = await self.find(name)
        if down and len(reason.strip()) < 3:
            raise InputError("Say why it is taken down")
        if bool(known.taken_down) == down:
            raise ConflictError(f"{name} is {'taken down already' if down else 'not taken down'}")
        return await self._changed(
            asker,
            known,
            "take-down" if down else "restore",
            reason.strip(),
            taken_down=reason.strip()[:2000] if down else "",
        )

    async def _managed(self, asker: Asker, name: str, *, owners_only: bool = False) -> Listing:
        await self._office.require(asker, LISTING_MANAGE)
        known = await self.find(name)
        roles = ("owner",) if owners_only else ("owner", "maintainer")
        await self._office.require_role(asker, known.publisher, *roles)
        if known.taken_down:
            raise NotAllowedError(f"{name} is taken down: {known.taken_down}")
        return known

    async def _changed(
        self,
        asker: Asker,
        known: Listing,
        action: str,
        text: str,
        others: list[str] | None = None,
        **values: str,
    ) -> Listing:
        async def work(rows: store.Rows) -> Listing:
            now = await store.listing(rows, known.name)
            if (now.publisher, now.transfer_to, now.taken_down) != (
                known.publisher,
                known.transfer_to,
                known.taken_down,
            ):
                raise ConflictError("The listing was changed meanwhile. Look at it again.")
            await store.change_listing(rows, known.name, **values)
            await store.note(rows, known.subject, asker.name, action, text)
            instead = values.get("replaced_by", "").removeprefix("listing:default/")
            worded = action in ("deprecate", "take-down", "restore")
            await self._office.tell(
                rows,
                [*addresses, *(others or [])],
                action,
                asker,
                title=known.title,
                path=f"/marketplace/desk/listings/{known.name}",
                publisher=(await store.publisher(rows, known.publisher)).title,
                detail=(f"; {instead} takes its place" if instead else "") if worded else text,
                reason=text if worded else "",
            )
            return await store.listing(rows, known.name)

        addresses = await self._addresses(known.publisher)
        made = await self._office.write(work)
        self._office.post()
        await publish_listing(self._office, known.name)
        return made

    async def _addresses(self, publisher: str) -> list[str]:
        found = await self._office.read(lambda rows: store.publisher(rows, publisher))
        return await self._office.addresses(found)
