"""Runs the checks for the desk: gathers what they need to know, and asks the links."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from callboard.catalog.index import Index
from callboard.catalog.index.postings import as_bitmap
from callboard.core.errors import InputError
from callboard.marketplace.checks import Checked, Finding, Known, Submitted, Taken
from callboard.marketplace.checks.findings import in_order, warning
from callboard.marketplace.checks.links import urls_of
from callboard.marketplace.checks.osv import NOTHING_KNOWN
from callboard.marketplace.checks.reach import check_reach
from callboard.marketplace.desk import store
from callboard.marketplace.desk.office import Office
from callboard.plugins.install.environment import FOLDER
from callboard.plugins.install.resolve import own_distributions


async def examined(office: Office, given: Submitted, publisher: str, *, links: bool = True) -> Checked:
    """Everything that is wrong with a submission of a publisher."""
    known, trouble = await _known(office, publisher, given.declared.name)
    done = await asyncio.to_thread(_checked, given, known)
    further: list[Finding] = [*trouble]
    if links:
        further += await check_reach(office.reader, urls_of(given.declared))
    findings = in_order([*done.findings, *further])
    return Checked(findings, done.wheel, done.readme, done.requires_python)


def _checked(given: Submitted, known: Known) -> Checked:
    from callboard.marketplace.checks.run import check  # few processes ever check a submission

    return check(given, known)


async def _known(office: Office, publisher: str, name: str) -> tuple[Known, list[Finding]]:
    async def work(
        rows: store.Rows,
    ) -> tuple[list[Taken], frozenset[tuple[str, str]], frozenset[str] | None, str]:
        listings = await store.all_listings(rows)
        taken = [Taken(one.name, one.title, one.publisher, one.distribution) for one in listings]
        releases = frozenset((one.distribution, one.version) for one in await store.releases_of(rows))
        own = next((one for one in listings if one.name == name), None)
        return (
            taken,
            releases,
            None if own is None else frozenset(own.needs),
            "" if own is None else own.distribution,
        )

    taken, releases, approved, distribution = await office.read(work)
    trouble: list[Finding] = []
    osv = NOTHING_KNOWN
    try:
        osv = await office.osv()
    except (InputError, OSError) as error:
        trouble.append(warning("osv-unread", f"Vulnerabilities were not looked for: {error}"))
    own_packages = await asyncio.to_thread(_own)
    return (
        Known(
            publisher,
            [*taken, *_others(office.queries.index, {one.name for one in taken})],
            releases,
            own_packages,
            osv,
            office.settings.max_wheel,
            approved,
            distribution,
        ),
        trouble,
    )


def _own() -> dict[str, str]:
    """What Callboard runs with; not what plugins brought, which lies below a folder of that name."""
    import sys

    return own_distributions([Path(one) for one in sys.path if FOLDER in Path(one).parts])


def _others(index: Index, ours: set[str]) -> Sequence[Taken]:
    """Listings that came into the catalog in another way."""
    kinds = index.fields.get("kind")
    found = []
    for row in as_bitmap(kinds.like("listing")) if kinds is not None else ():
        name = index.ref(row).rpartition("/")[2]
        if name not in ours:
            title = next(iter(index.values_of(row, "metadata.title")), name)
            by = next(iter(index.values_of(row, "spec.publisher")), "another source")
            found.append(Taken(name, title, by))
    return found
