"""Reads and writes the tables of the desk, on a connection that the caller's transaction has.

What may be done is decided above; here stands only what must never happen: two of what there is one of.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.errors import ConflictError, NotFoundError
from callboard.marketplace.desk.records import (
    Domain,
    Event,
    Json,
    Listing,
    Member,
    Publisher,
    Record,
    Release,
    Report,
    Submission,
    Takedown,
    Token,
    columns,
    record,
)
from callboard.marketplace.desk.states import OPEN
from callboard.marketplace.desk.tables import (
    artefacts,
    domains,
    events,
    listings,
    members,
    publishers,
    releases,
    reports,
    submissions,
    takedowns,
    tokens,
)

Rows = AsyncConnection
MOST = 500  # rows of one answer


def new_id() -> str:
    """A name that nobody guesses."""
    return secrets.token_hex(12)


async def _one(rows: Rows, kind: type[Record], table: Table, *where: Any) -> Record | None:
    row = (await rows.execute(select(table).where(*where))).mappings().first()
    return None if row is None else record(kind, row)  # type: ignore[arg-type]  # a RowMapping is a mapping


async def _many(rows: Rows, kind: type[Record], query: Any) -> list[Record]:
    found = (await rows.execute(query)).mappings()
    return [record(kind, row) for row in found]  # type: ignore[arg-type]  # as above


async def add(rows: Rows, table: Table, taken: str, **values: Any) -> None:
    """A new row. Raises ConflictError(taken) when there is one already."""
    try:
        async with rows.begin_nested():
            await rows.execute(insert(table).values(columns(values)))
    except IntegrityError:
        raise ConflictError(taken) from None


# Publishers


async def publisher(rows: Rows, name: str) -> Publisher:
    """Raises NotFoundError."""
    found = await _one(rows, Publisher, publishers, publishers.c.name == name)
    if found is None:
        raise NotFoundError(f"There is no publisher {name}")
    return found


async def find_publisher(rows: Rows, name: str) -> Publisher | None:
    return await _one(rows, Publisher, publishers, publishers.c.name == name)


async def all_publishers(rows: Rows, state: str | None = None) -> list[Publisher]:
    query = select(publishers).order_by(publishers.c.name)
    return await _many(rows, Publisher, query if state is None else query.where(publishers.c.state == state))


async def change_publisher(rows: Rows, name: str, **values: Any) -> None:
    await rows.execute(
        update(publishers)
        .where(publishers.c.name == name)
        .values(columns({**values, "changed_at": time.time()}))
    )


async def members_of(rows: Rows, publisher: str | None = None) -> list[Member]:
    query = select(members).order_by(members.c.publisher, members.c.added_at, members.c.member)
    return await _many(
        rows, Member, query if publisher is None else query.where(members.c.publisher == publisher)
    )


async def memberships(rows: Rows, refs: Sequence[str]) -> list[Member]:
    """Where one of these refs is a member."""
    return await _many(rows, Member, select(members).where(members.c.member.in_(list(refs)[:MOST])))


async def put_member(rows: Rows, publisher: str, member: str, role: str, by: str) -> None:
    await drop_member(rows, publisher, member)
    values = {"publisher": publisher, "member": member, "role": role, "added_by": by}
    await rows.execute(insert(members).values(**values, added_at=time.time()))


async def drop_member(rows: Rows, publisher: str, member: str) -> bool:
    own = and_(members.c.publisher == publisher, members.c.member == member)
    return bool((await rows.execute(delete(members).where(own))).rowcount)


async def domains_of(rows: Rows, publisher: str | None = None) -> list[Domain]:
    query = select(domains).order_by(domains.c.publisher, domains.c.name)
    return await _many(
        rows, Domain, query if publisher is None else query.where(domains.c.publisher == publisher)
    )


async def drop_domain(rows: Rows, publisher: str, name: str) -> bool:
    own = and_(domains.c.publisher == publisher, domains.c.name == name)
    return bool((await rows.execute(delete(domains).where(own))).rowcount)


async def verified_owner(rows: Rows, domain: str) -> str | None:
    """The publisher that proved a domain."""
    query = select(domains.c.publisher).where(domains.c.name == domain, domains.c.verified_at.is_not(None))
    return (await rows.execute(query)).scalar()


async def verify_domain(rows: Rows, publisher: str, name: str, method: str) -> None:
    own = and_(domains.c.publisher == publisher, domains.c.name == name)
    await rows.execute(update(domains).where(own).values(verified_at=time.time(), method=method))


# Listings and releases


async def listing(rows: Rows, name: str) -> Listing:
    """Raises NotFoundError."""
    found = await _one(rows, Listing, listings, listings.c.name == name)
    if found is None:
        raise NotFoundError(f"There is no listing {name}")
    return found


async def find_listing(rows: Rows, name: str) -> Listing | None:
    return await _one(rows, Listing, listings, listings.c.name == name)


async def all_listings(rows: Rows, publisher: str | None = None) -> list[Listing]:
    query = select(listings).order_by(listings.c.name)
    return await _many(
        rows, Listing, query if publisher is None else query.where(listings.c.publisher == publisher)
    )


async def transfers_to(rows: Rows, publisher: str) -> list[Listing]:
    """Listings that the publisher is offered."""
    query = select(listings).where(listings.c.transfer_to == publisher)
    return await _many(rows, Listing, query.order_by(listings.c.name))


async def change_listing(rows: Rows, name: str, **values: Any) -> None:
    await rows.execute(
        update(listings).where(listings.c.name == name).values(columns({**values, "changed_at": time.time()}))
    )


async def releases_of(rows: Rows, listing: str | None = None) -> list[Release]:
    """The newest first."""
    query = select(releases).order_by(releases.c.listing, releases.c.released_at.desc())
    return await _many(
        rows, Release, query if listing is None else query.where(releases.c.listing == listing)
    )


async def release(rows: Rows, listing: str, version: str) -> Release:
    """Raises NotFoundError."""
    own = and_(releases.c.listing == listing, releases.c.version == version)
    found = await _one(rows, Release, releases, own)
    if found is None:
        raise NotFoundError(f"There is no release {version} of {listing}")
    return found


async def find_release(rows: Rows, distribution: str, version: str) -> Release | None:
    own = and_(releases.c.distribution == distribution, releases.c.version == version)
    return await _one(rows, Release, releases, own)


async def distribution_releases(rows: Rows, distribution: str) -> list[Release]:
    query = select(releases).where(releases.c.distribution == distribution)
    return await _many(rows, Release, query.order_by(releases.c.released_at))


async def release_with(rows: Rows, sha256: str) -> Release | None:
    return await _one(rows, Release, releases, releases.c.sha256 == sha256)


async def change_release(rows: Rows, listing: str, version: str, **values: Any) -> None:
    own = and_(releases.c.listing == listing, releases.c.version == version)
    await rows.execute(update(releases).where(own).values(columns(values)))


# Submissions


async def submission(rows: Rows, id: str) -> Submission:
    """Raises NotFoundError."""
    found = await _one(rows, Submission, submissions, submissions.c.id == id)
    if found is None:
        raise NotFoundError("There is no such submission")
    return found


async def open_submission(rows: Rows, listing: str) -> Submission | None:
    """The one of a listing that is not decided yet."""
    own = and_(submissions.c.listing == listing, submissions.c.state.in_(sorted(OPEN)))
    return await _one(rows, Submission, submissions, own)


async def submissions_of(
    rows: Rows, *, publishers: Sequence[str] | None = None, states: Sequence[str] = ()
) -> list[Submission]:
    """The longest unchanged first."""
    query = select(submissions).order_by(submissions.c.changed_at).limit(MOST)
    if publishers is not None:
        query = query.where(submissions.c.publisher.in_(list(publishers)[:MOST]))
    return await _many(
        rows, Submission, query.where(submissions.c.state.in_(list(states))) if states else query
    )


async def change_submission(rows: Rows, known: Submission, **values: Any) -> None:
    """Change what was read. Raises ConflictError when somebody else was faster."""
    own = and_(submissions.c.id == known.id, submissions.c.revision == known.revision)
    changed = columns({**values, "changed_at": time.time(), "revision": known.revision + 1})
    if not (await rows.execute(update(submissions).where(own).values(changed))).rowcount:
        raise ConflictError("The submission was changed meanwhile. Look at it again.")


# Tokens


async def tokens_of(rows: Rows, publisher: str) -> list[Token]:
    query = select(tokens).where(tokens.c.publisher == publisher)
    return await _many(rows, Token, query.order_by(tokens.c.created_at.desc()))


async def token(rows: Rows, id: str) -> tuple[Token, str] | None:
    """A token and the hash of its secret."""
    row = (await rows.execute(select(tokens).where(tokens.c.id == id))).mappings().first()
    return None if row is None else (record(Token, row), str(row["secret"]))  # type: ignore[arg-type]  # as above


async def count_tokens(rows: Rows, publisher: str) -> int:
    return int((await rows.execute(select(func.count()).where(tokens.c.publisher == publisher))).scalar_one())


async def use_token(rows: Rows, id: str) -> None:
    await rows.execute(update(tokens).where(tokens.c.id == id).values(used_at=time.time()))


async def drop_token(rows: Rows, publisher: str, id: str) -> None:
    """Raises NotFoundError."""
    own = and_(tokens.c.id == id, tokens.c.publisher == publisher)
    if not (await rows.execute(delete(tokens).where(own))).rowcount:
        raise NotFoundError("There is no such token")


# Reports and events


async def all_reports(rows: Rows, state: str | None = None) -> list[Report]:
    query = select(reports).order_by(reports.c.reported_at.desc()).limit(MOST)
    return await _many(rows, Report, query if state is None else query.where(reports.c.state == state))


async def report(rows: Rows, id: str) -> Report:
    """Raises NotFoundError."""
    found = await _one(rows, Report, reports, reports.c.id == id)
    if found is None:
        raise NotFoundError("There is no such report")
    return found


async def count_reports(rows: Rows, reporter: str, since: float) -> int:
    own = and_(reports.c.reporter == reporter, reports.c.reported_at > since)
    return int((await rows.execute(select(func.count()).where(own))).scalar_one())


async def change_report(rows: Rows, id: str, **values: Any) -> None:
    await rows.execute(update(reports).where(reports.c.id == id).values(columns(values)))


async def all_takedowns(rows: Rows) -> list[Takedown]:
    """Of listings that other sources brought."""
    return await _many(rows, Takedown, select(takedowns).order_by(takedowns.c.ref))


async def takedown(rows: Rows, ref: str) -> Takedown | None:
    return await _one(rows, Takedown, takedowns, takedowns.c.ref == ref)


async def drop_takedown(rows: Rows, ref: str) -> bool:
    return bool((await rows.execute(delete(takedowns).where(takedowns.c.ref == ref))).rowcount)


async def note(rows: Rows, subject: str, actor: str, action: str, text: str = "") -> None:
    """Write down that something happened."""
    values = {"subject": subject, "at": time.time(), "actor": actor, "action": action, "text": text}
    await rows.execute(insert(events).values(columns(values)))


async def events_of(rows: Rows, *subjects: str) -> list[Event]:
    """In the order in which they happened."""
    query = select(events).where(or_(*(events.c.subject == one for one in subjects)))
    return await _many(rows, Event, query.order_by(events.c.id).limit(MOST))


# Pictures


async def icon_of(rows: Rows, pictures: Json) -> tuple[str, bytes] | None:
    """Media type and content of the icon. Icons are small, so they are always in the database."""
    sha256 = (pictures.get("icon") or {}).get("sha256")
    query = select(artefacts.c.media, artefacts.c.content).where(artefacts.c.sha256 == sha256)
    row = None if sha256 is None else (await rows.execute(query)).first()
    return None if row is None or row.content is None else (row.media, row.content)


async def owner_of_artefact(rows: Rows, sha256: str, filename: str) -> tuple[str, str | None] | None:
    """The listing that shows an artefact under this name, with None; else the publisher it waits at.

    None for what belongs to nothing, or to what was taken down.
    """
    found = await release_with(rows, sha256)
    if found is not None:
        shelf = await find_listing(rows, found.listing)
        named = found.filename == filename and shelf is not None and not shelf.taken_down
        return (found.listing, None) if named else None
    holds = f'%"{sha256}"%'
    for shelf in await _many(rows, Listing, select(listings).where(listings.c.pictures.like(holds))):
        if not shelf.taken_down:
            return shelf.name, None
    query = select(submissions.c.listing, submissions.c.publisher).where(
        or_(submissions.c.sha256 == sha256, submissions.c.pictures.like(holds))
    )
    row = (await rows.execute(query.limit(1))).first()
    return None if row is None else (row.listing, row.publisher)
