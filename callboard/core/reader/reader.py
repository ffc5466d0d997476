"""The URL reader: what may be read, how each source host wants to be asked, and nothing beyond."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from callboard.core.errors import InputError, NotSupportedError
from callboard.core.integrations import Integrations, RawRequest, urls
from callboard.core.integrations.urls import fully_unquoted, without_userinfo
from callboard.core.reader.allow import AllowList, not_allowed
from callboard.core.reader.fetching import Answer, Fetcher, Limits
from callboard.core.reader.globs import is_glob
from callboard.core.reader.locators import parse
from callboard.core.reader.network import Resolver, resolve_with_system
from callboard.core.reader.search import matching_files

# All files of one search together may be this many times the limit of one file.
_SEARCH_FACTOR = 8


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A file's bytes, the entity tag to ask with next time, and the URL it was asked for by."""

    content: bytes
    etag: str | None
    url: str


class UrlReader:
    """Reads URLs that are an integration's or allowed by `backend.reading.allow`. Close it when done."""

    def __init__(
        self,
        integrations: Integrations,
        allow: AllowList,
        limits: Limits | None = None,
        resolver: Resolver = resolve_with_system,
    ) -> None:
        self.integrations = integrations
        self._allow = allow
        self._limits = limits or Limits()
        self._fetcher = Fetcher(allow, integrations, self._limits, resolver)

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        limits: Limits | None = None,
        resolver: Resolver = resolve_with_system,
    ) -> UrlReader:
        """From the whole configuration. Raises ConfigError."""
        return cls(Integrations.from_config(config), AllowList.from_config(config), limits, resolver)

    async def __aenter__(self) -> UrlReader:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._fetcher.aclose()

    def check(self, url: str) -> None:
        """Raise what `read` would raise for this URL before any request is made."""
        parsed = parse(url)
        if self.integrations.by_url(url) is None and self._allow.reach(parsed) is None:
            raise not_allowed(url)

    async def read(self, url: str, etag: str | None = None) -> ReadResult:
        """The content behind a URL.

        Raises NotModifiedError when `etag` still holds, NotFoundError, NotAllowedError,
        ServiceUnavailableError (try later), and InputError for what will not get better by itself.
        """
        self.check(url)
        integration = self.integrations.by_url(url)
        # A host that is listed as allowed as well is still asked in the integration's way.
        request = integration.raw_request(url) if integration else RawRequest(url)
        answer = await self._fetcher.fetch(request, url, integration, etag)
        return ReadResult(request.decode(answer.content), answer.headers.get("etag"), url)

    async def ask(self, url: str, etag: str | None = None, *, accept: str = "") -> Answer:
        """The answer of an API: the URL as it is, asked with the credentials of the integration whose it is.

        Raises what `read` raises; how long a host wants to be left alone is in `retry_after` of the error.
        """
        parsed = parse(url)
        origin = urls.origin_of(url)
        integration = next((one for one in self.integrations.all if origin in one.origins), None)
        if integration is None and self._allow.reach(parsed) is None:
            raise not_allowed(url)
        headers = dict(integration.headers(url)) if integration else {}
        if accept:
            headers["Accept"] = accept
        return await self._fetcher.fetch(RawRequest(url, headers), url, integration, etag)

    async def probe(self, url: str) -> None:
        """Ask whether `read` would succeed, and leave the content unread, however much it is.

        Raises what `read` raises, and NotSupportedError for a page of a source host that is no file.
        """
        self.check(url)
        integration = self.integrations.by_url(url)
        try:
            request = integration.raw_request(url) if integration else RawRequest(url)
        except InputError as error:
            raise NotSupportedError(str(error)) from None
        await self._fetcher.fetch(request, url, integration, max_bytes=0)

    async def search(self, url: str) -> list[ReadResult]:
        """All files that match a URL with `*` or `**` in its path; without wildcards, the one file.

        A file that disappears between being found and being read is an error, not a shorter list.
        """
        self.check(url)
        if not is_glob(fully_unquoted(urlsplit(url).path)):
            return [await self.read(url)]
        integration = self.integrations.by_url(url)

        async def get(request: RawRequest) -> Answer:
            return await self._fetcher.fetch(request, without_userinfo(url), integration)

        found = await matching_files(integration, url, get)
        return await self._read_all(found, url)

    async def _read_all(self, found: list[str], pattern: str) -> list[ReadResult]:
        total = 0

        async def read_one(url: str) -> ReadResult:
            nonlocal total
            result = await self.read(url)
            total += len(result.content)
            if total > _SEARCH_FACTOR * self._limits.max_bytes:
                raise InputError(f"The files that match '{pattern}' are too large together")
            return result

        try:
            async with asyncio.TaskGroup() as group:
                reads = [group.create_task(read_one(url)) for url in found]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return [each.result() for each in reads]
