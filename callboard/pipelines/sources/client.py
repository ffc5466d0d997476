"""Asks APIs: through the safe reader, at a pace, again when they falter, and only for what changed."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from callboard.core.errors import CallboardError, NotFoundError, NotModifiedError, ServiceUnavailableError
from callboard.core.reader import UrlReader
from callboard.pipelines.settings import Limits
from callboard.pipelines.sources.cache import Cache, Kept
from callboard.pipelines.sources.contract import SourceError
from callboard.pipelines.sources.pace import Pace, wait_of

_LINK = re.compile(r'<([^>]*)>\s*;[^,]*?\brel="?([a-z]+)"?')
_FIRST_PAUSE = 0.5  # seconds before the second try; each further one is twice as long


@dataclass(frozen=True, slots=True)
class Got:
    """An answer. `fresh` is False when the host said, or we knew, that nothing changed."""

    content: bytes
    url: str
    fresh: bool = True
    links: str = ""
    total: str = ""

    def json(self) -> Any:
        """JSON of any shape, hence Any. Raises SourceError when it is cut off or is something else."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            raise SourceError(f"the answer is no whole JSON: {error}", self.url) from None

    def link(self, rel: str) -> str | None:
        """Where the header `Link` leads."""
        return next((url for url, name in _LINK.findall(self.links) if name == rel), None)


class Client:
    """`asked` counts the requests that were made, `unchanged` the answers that were known already."""

    def __init__(self, reader: UrlReader, cache: Cache, limits: Limits) -> None:
        self.reader = reader
        self.asked = 0
        self.unchanged = 0
        self._cache = cache
        self._limits = limits
        self._pace = Pace(limits.per_second)

    async def get(self, url: str, *, accept: str = "", cached: bool = True) -> Got:
        """The answer. Raises SourceError; for what is not there NotFoundError.

        With `cached`, an answer that was checked a moment ago is used as it is, so that a collection that was
        killed goes on where it stopped.
        """
        key = f"{accept} {url}"
        kept = await self._cache.find(key) if cached else None
        if kept is not None and time.time() - kept.checked < self._limits.fresh_for:
            self.unchanged += 1
            return Got(kept.content, url, False, kept.links, kept.total)
        try:
            answer = await self._asked(url, kept.etag if kept else None, accept)
        except NotModifiedError:
            assert kept is not None  # a host that says so was given an entity tag
            self.unchanged += 1
            await self._cache.keep(key, replace(kept, checked=time.time()))
            return Got(kept.content, url, False, kept.links, kept.total)
        etag, links = answer.headers.get("etag", ""), answer.headers.get("link", "")
        total = answer.headers.get("x-total", "")
        got = Got(answer.content, url, True, links, total)
        if cached:
            got.json()  # what is broken is not kept
            await self._cache.keep(key, Kept(answer.content, etag, time.time(), links, total))
        return got

    async def _asked(self, url: str, etag: str | None, accept: str) -> Any:
        """What the reader answers (`Answer`), after as many tries as are allowed."""
        host = urlsplit(url).netloc
        pause = _FIRST_PAUSE
        for left in range(self._limits.tries - 1, -1, -1):
            await self._pace.turn(host)
            self.asked += 1
            try:
                return await self.reader.ask(url, etag, accept=accept)
            except (NotModifiedError, NotFoundError):
                raise
            except ServiceUnavailableError as error:
                wait = wait_of(error.retry_after)
                if wait is not None:
                    self._pace.leave(host, min(wait, self._limits.longest_wait))
                if not left or (wait is not None and wait > self._limits.longest_wait):
                    raise SourceError(str(error), url) from None
                if wait is None:
                    await asyncio.sleep(pause)
                    pause *= 2
            except CallboardError as error:
                raise SourceError(str(error), url) from None
        raise AssertionError("unreachable")
