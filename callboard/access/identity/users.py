"""What is kept about users who signed in: the refs that count as them, and since when tokens are valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.access.identity.bounded import Bounded
from callboard.access.identity.directory import Directory
from callboard.access.identity.tables import user_info
from callboard.core.database import Database

FRESH = 5.0
"""How long, in seconds, what another node changed may go unseen here."""


@dataclass(frozen=True, slots=True)
class UserInfo:
    """`owns` are the refs given at sign-in; `live` says whether the directory's answer replaces them.

    `valid_from` is in seconds since 1970: tokens issued before it are refused.
    """

    owns: tuple[str, ...]
    live: bool
    valid_from: float


class Users:
    def __init__(self, database: Database, directory: Directory | None, clock: Callable[[], float]) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._seen: Bounded[str, tuple[UserInfo, float]] = Bounded(10_000)

    async def remember(self, ref: str, owns: Sequence[str], *, live: bool) -> UserInfo:
        """Note who signed in; the ref itself always counts as the user."""
        now = self._clock()
        refs = tuple(dict.fromkeys([ref, *(one.lower() for one in owns)]))
        known = (await self.read(ref)) or UserInfo((), live, 0.0)
        if (known.owns, known.live) == (refs, live):
            return known
        insert = self._database.insert_for(user_info).values(
            sub=ref, owns=orjson.dumps(refs).decode(), live=live, valid_from=0.0, updated=now
        )
        row = insert.on_conflict_do_update(
            index_elements=["sub"],
            set_={"owns": insert.excluded.owns, "live": insert.excluded.live, "updated": now},
        )

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row)

        await self._database.write(work)
        return await self._read_again(ref) or UserInfo(refs, live, 0.0)

    async def read(self, ref: str) -> UserInfo | None:
        """What is stored; at most `FRESH` seconds old."""
        seen = self._seen.get(ref)
        if seen is not None and self._clock() - seen[1] < FRESH:
            return seen[0]
        return await self._read_again(ref)

    async def owns(self, ref: str, info: UserInfo | None = None) -> tuple[str, ...]:
        """The refs that count as the user now: the directory's if it knows the user, else the stored ones."""
        info = info or await self.read(ref)
        if self._directory is not None and (info is None or info.live):
            live = self._directory.ownership(ref)
            if live:
                return live
        return info.owns if info else (ref,)

    async def refuse_older(self, ref: str) -> None:
        """Refuse every token issued to the user until now. It is at once so here, on other nodes soon."""
        # Tokens tell when they were issued in whole seconds, so this second is over for them.
        valid_from = float(int(self._clock()) + 1)
        insert = self._database.insert_for(user_info).values(
            sub=ref,
            owns=orjson.dumps([ref]).decode(),
            live=True,
            valid_from=valid_from,
            updated=self._clock(),
        )
        row = insert.on_conflict_do_update(index_elements=["sub"], set_={"valid_from": valid_from})

        async def work(rows: AsyncConnection) -> None:
            await rows.execute(row)

        await self._database.write(work)
        await self._read_again(ref)

    async def _read_again(self, ref: str) -> UserInfo | None:
        now = self._clock()
        columns = (user_info.c.owns, user_info.c.live, user_info.c.valid_from)
        async with self._database.read() as rows:
            found = (await rows.execute(select(*columns).where(user_info.c.sub == ref))).one_or_none()
        if found is None:
            return None
        info = UserInfo(tuple(orjson.loads(found.owns)), found.live, found.valid_from)
        self._seen.put(ref, (info, now))
        return info
