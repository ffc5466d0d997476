"""Finds the CODEOWNERS file of an entity's repository and reads it, once for all of its entities."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import Context
from callboard.core.errors import InputError, NotAllowedError, NotFoundError, NotModifiedError
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard_codeowners import local
from callboard_codeowners.parsing import Codeowners, parse

FRESH = 60.0  # seconds for which what a host said is not asked again
REMEMBERED = 32  # files
LARGE = 64 * 1024  # bytes from which on reading a file is work for a thread
MAX_LOGGED = 20  # mistakes of one file
PLACES = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".github/CODEOWNERS"),
}
OTHERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is that of the descriptor in the repository; `file` is None when it is as the etag says."""

    source: str
    path: str
    etag: str | None
    file: Codeowners | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """`file` of None: there is no such file."""

    file: Codeowners | None
    etag: str | None
    until: float = 0.0


class Sources:
    """`log` (a logger of structlog, hence Any) is told of lines that are passed over."""

    def __init__(
        self, reader: UrlReader, integrations: Integrations, confinement: Confinement, log: Any
    ) -> None:
        self._reader = reader
        self._integrations = integrations
        self._confinement = confinement
        self._log = log
        self._known: OrderedDict[str, Remembered] = OrderedDict()
        self._reading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, context: Context, etags: dict[str, str]) -> Found | None:
        """The file that counts for the entity; `etags` are those that the caller has an answer for.

        Raises ServiceUnavailableError when a host cannot say now.
        """
        if context.location.type == "url":
            return await self._remote(context, etags)
        if context.location.type == "file":
            return await self._local(context)
        return None

    async def _remote(self, context: Context, etags: dict[str, str]) -> Found | None:
        target = context.location.target
        integration = self._integrations.by_url(target)
        if integration is None:
            return None
        try:
            path = integration.locate(target).path
        except InputError:
            return None
        for place in PLACES.get(integration.type, OTHERS) if path else ():
            url = self._integrations.resolve_url(target, f"/{place}")
            if not self._integrations.same_repository(target, url):
                continue
            context.refresh_keys.add(f"url:{url}")
            try:
                known = await self._read(url, etags.get(url))
            except NotModifiedError:
                return Found(url, path, etags[url], None)
            except (NotAllowedError, InputError) as error:
                self._log.info("a CODEOWNERS file cannot be read", file=url, reason=str(error))
                continue
            if known.file is not None:
                return Found(url, path, known.etag, known.file)
        return None

    async def _read(self, url: str, etag: str | None) -> Remembered:
        """What is there. Raises NotModifiedError when it is as `etag` says, and is not remembered."""
        lock = self._reading.setdefault(url, asyncio.Lock())
        async with lock:
            known = self._known.get(url)
            if known is not None and time.monotonic() < known.until:
                return known
            mine = known.etag if known is not None and known.file is not None else None
            try:
                result = await self._reader.read(url, mine or etag)
            except NotFoundError:
                return self._remember(url, Remembered(None, None))
            except NotModifiedError:
                if known is None or mine is None:
                    raise
                return self._remember(url, known)
            file = await self._parsed(url, result.content)
            return self._remember(url, Remembered(file, result.etag))

    async def _local(self, context: Context) -> Found | None:
        repository = await asyncio.to_thread(local.repository_of, context, self._confinement)
        if repository is None:
            return None
        for place in local.PLACES:
            source = f"{repository.root}/{place}"
            context.refresh_keys.add(f"file:{source}")
            try:
                content, etag = local.read(source, repository.root, context, self._confinement)
            except NotFoundError:
                continue
            except (NotAllowedError, InputError) as error:
                self._log.warning("a CODEOWNERS file cannot be read", file=source, reason=str(error))
                continue
            known = self._known.get(source)
            if known is None or known.etag != etag:
                known = self._remember(source, Remembered(await self._parsed(source, content), etag))
            return Found(source, repository.path, etag, known.file)
        return None

    async def _parsed(self, source: str, content: bytes) -> Codeowners:
        file = parse(content) if len(content) < LARGE else await asyncio.to_thread(parse, content)
        for mistake in file.mistakes[:MAX_LOGGED]:
            self._log.warning(
                "a line of CODEOWNERS is passed over",
                place=f"{source}:{mistake.line}",
                reason=mistake.message,
            )
        if len(file.mistakes) > MAX_LOGGED:
            self._log.warning("more lines are passed over", file=source, mistakes=len(file.mistakes))
        return file

    def _remember(self, source: str, known: Remembered) -> Remembered:
        kept = Remembered(known.file, known.etag, time.monotonic() + FRESH)
        self._known[source] = kept
        self._known.move_to_end(source)
        while len(self._known) > REMEMBERED * len(OTHERS):
            self._known.popitem(last=False)
        return kept


async def owners_in(file: Codeowners, path: str) -> Sequence[str]:
    """The owners of a path; in a thread where the file is long."""
    if len(file.rules) < 1000:
        return file.owners_of(path)
    return await asyncio.to_thread(file.owners_of, path)
