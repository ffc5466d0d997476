"""The change feed's promises: nothing is skipped, the order is that of the commits, nobody stays lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.catalog.follower import Follower
from callboard.catalog.index import Index
from callboard.catalog.runtime import MIGRATIONS
from callboard.core.database import Database
from callboard.core.feed import Change, Feed


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    yield database
    await database.close()


@pytest.fixture
def feed(database: Database) -> Feed:
    return Feed(database)


async def commit(feed: Feed, *keys: str, before: asyncio.Event | None = None) -> int:
    """One transaction with these changes; it commits once `before` is set."""

    async def work(connection: AsyncConnection) -> int:
        last = await feed.append(connection, "entity", [(key, "put") for key in keys])
        if before is not None:
            await before.wait()
        return last

    return await feed.database.write(work)


async def test_changes_are_read_in_the_order_of_their_commits(feed: Feed) -> None:
    assert await commit(feed, "a", "b") == 2
    assert await commit(feed, "c") == 3
    assert await feed.after(0) == [
        Change(1, "entity", "a", "put"),
        Change(2, "entity", "b", "put"),
        Change(3, "entity", "c", "put"),
    ]
    assert [change.key for change in await feed.after(0, limit=2)] == ["a", "b"]
    assert [change.key for change in await feed.after(2)] == ["c"]
    assert await feed.newest() == 3


async def test_a_slow_transaction_that_commits_late_is_never_skipped(feed: Feed) -> None:
    """Its number was drawn first, so a reader that saw the quick one's number first would pass it over."""
    may_commit = asyncio.Event()
    slow = asyncio.create_task(commit(feed, "slow", before=may_commit))
    await asyncio.sleep(0.1)
    quick = [asyncio.create_task(commit(feed, f"quick-{number}")) for number in range(3)]
    await asyncio.sleep(0.2)
    position = 0
    seen: list[str] = []
    for _ in range(3):  # a reader that goes on from wherever it is, while the slow one is still open
        for change in await feed.after(position):
            position, seen = change.seq, [*seen, change.key]
    may_commit.set()
    await asyncio.gather(slow, *quick)
    seen += [change.key for change in await feed.after(position)]
    assert sorted(seen) == ["quick-0", "quick-1", "quick-2", "slow"]
    assert seen[0] == "slow"


async def test_many_writers_at_once_leave_a_feed_without_gaps_that_no_reader_misses(feed: Feed) -> None:
    done = asyncio.Event()
    seen: list[Change] = []

    async def follow() -> None:
        position = 0
        while True:
            finished = done.is_set()
            changes = await feed.after(position, 7)
            seen.extend(changes)
            position = changes[-1].seq if changes else position
            if finished and not changes:
                return
            await asyncio.sleep(0)

    async def writer(name: int) -> None:
        for number in range(10):
            await commit(feed, *(f"{name}-{number}-{part}" for part in range(3)))

    reader = asyncio.create_task(follow())
    await asyncio.gather(*(writer(name) for name in range(6)))
    done.set()
    await reader
    assert [change.seq for change in seen] == list(range(1, 181))
    assert len({change.key for change in seen}) == 180


async def test_a_transaction_that_fails_leaves_no_change_and_no_gap(feed: Feed) -> None:
    async def fails(connection: AsyncConnection) -> None:
        await feed.append(connection, "entity", [("lost", "put")])
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await feed.database.write(fails)
    await commit(feed, "kept")
    assert await feed.after(0) == [Change(1, "entity", "kept", "put")]


async def test_pruning_keeps_the_newest_changes(feed: Feed) -> None:
    await commit(feed, *"abcde")
    await feed.prune(2)
    assert [change.key for change in await feed.after(0)] == ["d", "e"]
    assert await feed.oldest() == 4


@pytest.mark.parametrize("kept", [1, 0])
async def test_a_follower_that_lost_its_place_rebuilds(
    feed: Feed, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Follower(feed.database, feed, Index())
    await follower.rebuild()
    await commit(feed, *"abc")
    await feed.prune(kept)
    rebuilt = 0
    rebuild = follower.rebuild

    async def counted() -> None:
        nonlocal rebuilt
        rebuilt += 1
        await rebuild()

    monkeypatch.setattr(follower, "rebuild", counted)
    await follower.catch_up()
    assert (rebuilt, follower.position) == (1, 3)
    await follower.catch_up()
    assert rebuilt == 1
