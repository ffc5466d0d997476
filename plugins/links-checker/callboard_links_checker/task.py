"""The scheduled task: checks the links that are due, and forgets those that are gone.

It runs often and checks little each time, so that thousands of links are spread over the interval.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from callboard.catalog.query import Queries
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.plugins import PluginContext
from callboard.plugins.storage import PluginStorage
from callboard_links_checker.checking import check
from callboard_links_checker.results import Result, Results, State
from callboard_links_checker.settings import HOUR, Settings

EVERY = 300.0  # seconds between two runs
BUDGET = 240.0  # seconds for which one run begins new checks
TIMEOUT = 600.0
PER_HOST = 2  # links of one host at the same time, so that none waits for others within its time
MAX_REFS = 1000  # entities that are named with one broken link


async def check_links(context: PluginContext) -> None:
    """One run."""
    settings, results = context.settings(Settings), Results(context.get(PluginStorage))
    users = await users_of_links(results, context.get(Queries))
    known = await results.all()
    await results.drop(set(known) - set(users))
    now = time.time()
    due = due_links(users, known, settings, now)
    ends = time.monotonic() + BUDGET
    waiting = iter(due)

    hosts: dict[str, asyncio.Semaphore] = {}

    async def work() -> None:
        reader, integrations = context.get(UrlReader), context.get(Integrations)
        for url in waiting:
            if time.monotonic() > ends:
                return
            async with hosts.setdefault(urlsplit(url).netloc.lower(), asyncio.Semaphore(PER_HOST)):
                state, why = await check(url, reader, integrations, settings)
            result = following(known.get(url), url, state, why, time.time())
            await results.keep(result, sorted(users[url])[:MAX_REFS])

    async with asyncio.TaskGroup() as group:
        for _ in range(min(settings.concurrency, len(due))):
            group.create_task(work())
    await _renew_users(results, users, known)
    context.log.info("links were checked", links=len(users), due=len(due))


async def users_of_links(results: Results, queries: Queries) -> dict[str, set[str]]:
    """The entities of each link. What is noted of entities that are gone is forgotten."""
    noted = await results.noted()
    gone = {ref for ref in noted if queries.index.row(ref) is None}
    await results.forget(gone)
    users: dict[str, set[str]] = {}
    for ref in noted.keys() - gone:
        for url in noted[ref]:
            users.setdefault(url, set()).add(ref)
    return users


def due_links(urls: Iterable[str], known: Mapping[str, Result], settings: Settings, now: float) -> list[str]:
    """The links to check now: new ones first, then those that were not looked at for longest."""

    def is_due(url: str) -> bool:
        last = known.get(url)
        if last is None:
            return True
        wait = settings.interval if last.state == "ok" else min(settings.interval, HOUR)
        return now - last.checked_at >= wait

    def order(url: str) -> tuple[float, str]:
        last = known.get(url)
        return (last.checked_at if last is not None else 0.0, url)

    return sorted(filter(is_due, urls), key=order)


def following(last: Result | None, url: str, state: State, why: str, now: float) -> Result:
    """The new result, which keeps since when the link has been in this state."""
    same = last is not None and last.state == state
    since = last.since if last is not None and same else now
    before = last.failures if last is not None else 0
    return Result(url, state, why, since, now, before + 1 if state == "broken" else 0)


async def _renew_users(results: Results, users: Mapping[str, set[str]], known: Mapping[str, Result]) -> None:
    """Name with each broken link the entities that have it now, also where it was not checked this time."""
    for result, refs in await results.broken():
        now = sorted(users.get(result.url, ()))[:MAX_REFS]
        if now and now != refs:
            await results.keep(result, now)
