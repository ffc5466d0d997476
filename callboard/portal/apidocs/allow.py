"""Reads `apiDocs.tryIt.allow`: the hosts and URL prefixes that operations may be tried against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import httpx

from callboard.core.config import Config
from callboard.core.errors import CallboardError, ConfigError, InputError, Path, Problem
from callboard.core.reader.allow import AllowList, AllowRule, Reach
from callboard.core.reader.locators import parse, path_readings, port_of

KEY = "apiDocs.tryIt.allow"
_WHERE: Path = ("apiDocs", "tryIt", "allow")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: a host as in `backend.reading.allow`; a URL also fixes the scheme and where paths begin."""

    rule: AllowRule
    scheme: str = ""
    prefix: str = ""

    def allows(self, url: httpx.URL) -> bool:
        if not self.rule.allows(url) or (self.scheme and url.scheme != self.scheme):
            return False
        prefix = self.prefix.rstrip("/")
        # Both readings, or `/v2/%2e%2e/admin` would pass for a path below `/v2`.
        return all(path == prefix or path.startswith(f"{prefix}/") for path in path_readings(url))


@dataclass(frozen=True, slots=True)
class TryAllowList:
    entries: tuple[Entry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    def reach(self, url: httpx.URL) -> Reach | None:
        """How far a URL may reach, or None when it is not listed.

        Only an entry that names the host exactly says that the operator knows where it leads.
        """
        matching = [entry for entry in self.entries if entry.allows(url)]
        if not matching:
            return None
        return Reach.PUBLIC if all(entry.rule.is_wildcard for entry in matching) else Reach.INTERNAL

    def permitted(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Those of the absolute URLs of servers below which something may be tried."""
        found = []
        for text in urls:
            try:
                url = parse(text)
            except InputError:
                continue
            below = url.copy_with(path=f"{url.path.rstrip('/')}/", query=None)
            wider = (entry for entry in self.entries if entry.prefix)
            if self.reach(below) or any(_leads_to(entry, below) for entry in wider):
                found.append(text)
        return tuple(dict.fromkeys(found))


def _leads_to(entry: Entry, url: httpx.URL) -> bool:
    """Whether the paths that an entry allows lie below `url`."""
    return replace(entry, prefix="").allows(url) and entry.prefix.startswith(url.path)


def read_allow_list(config: Config) -> TryAllowList:
    """The list, empty when it is not configured. Raises ConfigError with every entry that makes no sense."""
    found, problems = [], []
    for index, item in enumerate(config.sequence(KEY, [])):
        try:
            found.append(_entry(item))
        except CallboardError:
            message = "must be a host, such as `api.example.com` or `*.example.com`, or how a URL begins"
            problems.append(Problem(message, (*_WHERE, index)))
    if problems:
        raise ConfigError(problems)
    return TryAllowList(tuple(found))


def _entry(item: object) -> Entry:
    if not isinstance(item, str):
        raise InputError("not text")
    if "://" not in item:
        return Entry(_rule(item))
    url = parse(item)
    if url.query:
        raise InputError("a query cannot be allowed")
    host = f"[{url.host}]" if ":" in url.host else url.host
    return Entry(_rule(f"{host}:{port_of(url)}"), url.scheme, path_readings(url)[1])


def _rule(host: str) -> AllowRule:
    return AllowList.from_config({"backend": {"reading": {"allow": [{"host": host}]}}}).rules[0]
