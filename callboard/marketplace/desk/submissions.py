"""Submissions: drafted, checked, reviewed, published. Each step asks the state machine first."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callboard.catalog.index import Index
from callboard.core.errors import ConflictError, InputError, NotAllowedError, NotFoundError
from callboard.marketplace.checks import Checked, Declared, Submitted, read_declared
from callboard.marketplace.checks.declared import Screenshot
from callboard.marketplace.desk import states, store
from callboard.marketplace.desk.artefacts import WHEEL, Artefacts
from callboard.marketplace.desk.examine import examined
from callboard.marketplace.desk.office import SYSTEM, Asker, Office
from callboard.marketplace.desk.permissions import REVIEW, SUBMISSION_CREATE
from callboard.marketplace.desk.provider import publish_listing, publish_publisher
from callboard.marketplace.desk.records import Event, Json, Listing, Submission
from callboard.marketplace.desk.releases import add_release, wheel_filename
from callboard.marketplace.desk.shelf import named
from callboard.marketplace.desk.shots import MOST_SCREENSHOTS, Sent, added, contents, kept
from callboard.marketplace.desk.states import Action, Role
from callboard.marketplace.desk.submission_mail import tell_of
from callboard.marketplace.desk.tables import listings, submissions

MOST_OPEN = 50
"""Submissions of one publisher that are not decided."""
MOST_PICTURES = MOST_SCREENSHOTS + 1
MAX_TEXT = 10_000
STALE = 120.0
"""Seconds after which checks that a killed process began are run again."""


@dataclass(frozen=True, slots=True)
class Wheel:
    filename: str
    content: bytes


class Submissions:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._artefacts = Artefacts(office.database, office.settings.artefacts)

    # Making one

    async def create(self, asker: Asker, publisher: str, fields: Mapping[str, Any]) -> Submission:
        """A draft for a listing, new or of this publisher. `fields` is JSON (hence Any) for `Declared`."""
        asker.note("submission-create", publisher=publisher[:63])
        await self._office.require(asker, SUBMISSION_CREATE)
        await self._office.require_role(asker, publisher, "owner", "maintainer")
        declared = self._declared(fields)
        now, id = time.time(), store.new_id()

        async def work(rows: store.Rows) -> Submission:
            await _approved(rows, publisher)
            await _free(rows, declared.name, publisher)
            waiting = await store.submissions_of(rows, publishers=[publisher], states=sorted(states.OPEN))
            if len(waiting) >= MOST_OPEN:
                raise ConflictError(f"The publisher has {MOST_OPEN} submissions open: finish one first")
            known = await store.find_listing(rows, declared.name)
            await store.add(
                rows,
                submissions,
                "There is such a submission",
                id=id,
                publisher=publisher,
                listing=declared.name,
                state="draft",
                revision=1,
                fields=declared.model_dump(),
                pictures=known.pictures if known is not None else {},
                filename="",
                sha256="",
                changelog="",
                findings=[],
                reason="",
                created_by=asker.name,
                created_at=now,
                changed_at=now,
            )
            made = await store.submission(rows, id)
            await store.note(rows, made.subject, asker.name, "create")
            return made

        return await self._office.write(work)

    async def edit(
        self,
        asker: Asker,
        id: str,
        *,
        fields: Mapping[str, Any] | None = None,
        changelog: str | None = None,
        wheel: Wheel | None = None,
        pictures: Sequence[Sent] = (),
        screenshots: Sequence[Screenshot] | None = None,
        drop_pictures: bool = False,
        drop_icon: bool = False,
    ) -> Submission:
        """Change a draft, or what changes were requested of. `screenshots` are those of before that stay, in
        their order and with what is said of them; `pictures` come beside them.

        Raises InputError for what could never be taken, such as a file that is no picture.
        """
        asker.note("submission-edit", submission=id)
        known, roles = await self._known(asker, id)
        state = states.after(known.state, "edit", roles)
        values: Json = {"state": state}
        if fields is not None:
            declared = self._declared(fields)
            if declared.name != known.listing:
                raise InputError("The name of a submission stays; withdraw it and begin another one")
            values["fields"] = declared.model_dump()
        if changelog is not None:
            values["changelog"] = _text(changelog)
        if wheel is not None:
            if len(wheel.content) > self._office.settings.max_wheel:
                raise InputError(
                    f"The wheel has {len(wheel.content):,} bytes; "
                    f"at most {self._office.settings.max_wheel:,} are taken"
                )
            values["filename"] = wheel_filename(wheel.filename)
            values["sha256"] = await self._artefacts.keep(wheel.filename, WHEEL, wheel.content)
        if pictures or drop_pictures or drop_icon or screenshots is not None:
            gone = {"icon", "screenshots"} if drop_pictures else {"icon"} if drop_icon else set()
            before = {name: one for name, one in known.pictures.items() if name not in gone}
            before = before if screenshots is None else kept(before, screenshots)
            values["pictures"] = await added(self._artefacts, before, pictures)

        async def work(rows: store.Rows) -> Submission:
            await store.change_submission(rows, known, **values)
            return await store.submission(rows, id)

        return await self._office.write(work)

    def _declared(self, fields: Mapping[str, Any]) -> Declared:
        """What is said of a listing. Raises InputError, also for related listings that are not there."""
        declared = read_declared(dict(fields))
        index = self._office.queries.index
        for ref in declared.related:
            name = ref.removeprefix("listing:default/")
            if ref == f"listing:default/{declared.name}":
                raise InputError("related must name other listings, not this one")
            if index.row(ref) is None:
                raise InputError(f"related names {name}, but there is no such listing{_instead(index, name)}")
        return declared

    # Handing it in

    async def submit(self, asker: Asker, id: str) -> Submission:
        """Hand in, and run the checks: it goes into review, or back for changes when one refuses it."""
        asker.note("submission-submit", submission=id)
        self._office.limit(asker, "submit", 30, 3600)
        known, roles = await self._known(asker, id)
        if not known.sha256:
            raise InputError("Send the wheel first")
        known = await self._step(asker, known, roles, "submit", again=known.state == "changes-requested")
        return await self.run_checks(known)

    async def run_checks(self, known: Submission) -> Submission:
        """Check what was handed in, and go on with what comes of it."""
        done = await self._examined(known)
        action: Action = "pass-checks" if done.passed else "fail-checks"
        told = _counted(len(done.findings))
        findings = [one.as_json() for one in done.findings]
        return await self._step(SYSTEM, known, frozenset({"checks"}), action, told, findings=findings)

    async def run_stale(self) -> int:
        """Run checks again that were begun and never ended; how many."""
        found = await self._office.read(lambda rows: store.submissions_of(rows, states=["submitted"]))
        stale = [one for one in found if one.changed_at < time.time() - STALE]
        for one in stale:
            await self.run_checks(one)
        return len(stale)

    async def _examined(self, known: Submission) -> Checked:
        _, content = await self._artefacts.content(known.sha256)
        pictures = await contents(self._artefacts, known.pictures)
        given = Submitted(
            known.filename, content, read_declared(known.fields), pictures, changelog=known.changelog
        )
        return await examined(self._office, given, known.publisher)

    # Deciding

    async def comment(self, asker: Asker, id: str, text: str) -> Submission:
        return await self._said(asker, id, "comment", text)

    async def request_changes(self, asker: Asker, id: str, text: str) -> Submission:
        return await self._said(asker, id, "request-changes", text)

    async def reject(self, asker: Asker, id: str, text: str) -> Submission:
        return await self._said(asker, id, "reject", text)

    async def approve(self, asker: Asker, id: str, text: str = "") -> Submission:
        asker.note("submission-approve", "high", submission=id)
        known, roles = await self._known(asker, id)
        return await self._step(asker, known, roles, "approve", _text(text))

    async def withdraw(self, asker: Asker, id: str) -> Submission:
        asker.note("submission-withdraw", submission=id)
        known, roles = await self._known(asker, id)
        return await self._step(asker, known, roles, "withdraw")

    async def publish(self, asker: Asker, id: str) -> Submission:
        """Put what was approved on the shelf: the listing, and its release.

        The checks run once more: the world may have moved on since. Raises ConflictError when it has.
        """
        asker.note("submission-publish", "high", submission=id)
        known, roles = await self._known(asker, id)
        states.after(known.state, "publish", roles)
        done = await self._examined(known)
        if not done.passed or done.wheel is None or done.wheel.manifest is None:
            told = "; ".join(one.message for one in done.findings if one.level == "error")
            raise ConflictError(f"It cannot be published any more: {told}")
        wheel, manifest = done.wheel, done.wheel.manifest
        now = time.time()

        async def also(rows: store.Rows) -> None:
            await _approved(rows, known.publisher)
            before = await store.find_listing(rows, known.listing)
            values: Json = {
                "fields": {**known.fields, "readme": done.readme},
                "pictures": known.pictures,
                "needs": sorted({str(need["name"]) for need in manifest["needs"]}),
            }
            if before is None:
                await store.add(
                    rows,
                    listings,
                    f"The name {known.listing} or the package {wheel.name} was taken meanwhile",
                    name=known.listing,
                    publisher=known.publisher,
                    distribution=wheel.name,
                    lifecycle="active",
                    replaced_by="",
                    deprecated_reason="",
                    taken_down="",
                    transfer_to="",
                    added_at=now,
                    changed_at=now,
                    **values,
                )
            elif before.publisher != known.publisher:
                raise ConflictError(f"{known.listing} belongs to {before.publisher} now")
            else:
                await store.change_listing(rows, known.listing, **values)
            await add_release(
                rows,
                known.listing,
                wheel,
                requires_python=done.requires_python,
                changelog=known.changelog,
                by=asker.name,
            )
            await store.note(rows, f"listing:{known.listing}", asker.name, "release", wheel.version)

        made = await self._step(asker, known, roles, "publish", wheel.version, also=also)
        await publish_publisher(self._office, known.publisher)
        await publish_listing(self._office, known.listing)
        return made

    # Reading

    async def seen(self, asker: Asker, id: str) -> tuple[Submission, list[Action]]:
        """A submission, and what the asker may do with it. Raises NotFoundError for others'."""
        known, roles = await self._known(asker, id)
        return known, states.possible(known.state, roles)

    async def timeline(self, id: str) -> list[Event]:
        return await self._office.read(lambda rows: store.events_of(rows, f"submission:{id}"))

    async def of(self, publisher: str) -> list[Submission]:
        """The newest first."""
        found = await self._office.read(lambda rows: store.submissions_of(rows, publishers=[publisher]))
        return list(reversed(found))

    async def queue(self, asker: Asker) -> list[Submission]:
        """What waits for a reviewer, the longest first; without what is the asker's own."""
        await self._office.require(asker, REVIEW)
        waiting = ["in-review", "approved", "changes-requested", "submitted"]
        return await self._office.read(lambda rows: store.submissions_of(rows, states=waiting))

    async def _known(self, asker: Asker, id: str) -> tuple[Submission, frozenset[Role]]:
        known = await self._office.read(lambda rows: store.submission(rows, id))
        roles = await self._office.roles(asker, known.publisher)
        if "view" not in states.possible(known.state, roles):
            raise NotFoundError("There is no such submission")  # nor shall others learn that there is
        return known, roles

    async def _said(self, asker: Asker, id: str, action: Action, text: str) -> Submission:
        asker.note(f"submission-{action}", submission=id)
        known, roles = await self._known(asker, id)
        text = _text(text)
        if len(text) < 3:
            raise InputError("Say something that helps to go on" if action == "comment" else "Say why")
        return await self._step(asker, known, roles, action, text)

    async def _step(
        self,
        asker: Asker,
        known: Submission,
        roles: frozenset[Role],
        action: Action,
        text: str = "",
        *,
        findings: list[Json] | None = None,
        again: bool = False,
        also: Any = None,  # a Work that returns nothing
    ) -> Submission:
        """One step of the state machine with its entry in the timeline and its mail, all or nothing."""
        state = states.after(known.state, action, roles)
        publisher = await self._office.read(lambda rows: store.publisher(rows, known.publisher))
        addresses = await self._office.addresses(publisher)
        values: Json = {"state": state}
        if findings is not None:
            values["findings"] = findings
        if action in ("request-changes", "reject", "approve"):
            values["reason"] = text
        noted = "resubmit" if again else action

        async def work(rows: store.Rows) -> Submission:
            if action == "submit":
                await _approved(rows, known.publisher)
            await store.change_submission(rows, known, **values)
            await store.note(rows, known.subject, asker.name, noted, text)
            if also is not None:
                await also(rows)
            await tell_of(
                self._office,
                rows,
                asker,
                known,
                publisher,
                addresses,
                noted,
                text,
                findings=findings or (),
                reviews="reviewer" in roles,
            )
            return await store.submission(rows, known.id)

        made = await self._office.write(work)
        if asker is SYSTEM:
            await self._office.audit(f"submission-{action}", submission=known.id)
        self._office.post()
        return made


async def _approved(rows: store.Rows, publisher: str) -> None:
    known = await store.publisher(rows, publisher)
    if known.state != "approved":
        raise NotAllowedError(f"The publisher {publisher} is {known.state}; only an approved one may do this")


async def _free(rows: store.Rows, name: str, publisher: str) -> None:
    known: Listing | None = await store.find_listing(rows, name)
    if known is not None and known.publisher != publisher:
        raise ConflictError(f"The listing {name} belongs to {known.publisher}")
    if (waiting := await store.open_submission(rows, name)) is not None:
        if waiting.publisher == publisher:
            raise ConflictError(
                f"There is a submission of {name} already: {waiting.id}. Change that one and hand it in "
                "again, or withdraw it"
            )
        raise ConflictError(f"Another publisher is about to take the name {name}")


def _instead(index: Index, name: str) -> str:
    """A listing of that name in another namespace, as one would have to write it."""
    found = named(index, name)
    return f"; there is {found[0].partition(':')[2]}" if found else ""


def _text(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > MAX_TEXT:
        raise InputError(f"A text has at most {MAX_TEXT:,} characters")
    return text


def _counted(findings: int) -> str:
    if not findings:
        return "nothing was found"
    return "1 finding" if findings == 1 else f"{findings} findings"
