"""Decides whether a URL may be read: by `backend.reading.allow`, or because its host is an integration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx

from callboard.core.errors import ConfigError, NotAllowedError, Path, Problem
from callboard.core.integrations import Integration
from callboard.core.reader.locators import ascii_host, path_readings, port_of


class Reach(Enum):
    """Which addresses a permitted host may resolve to."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class AllowRule:
    """One entry of `backend.reading.allow`. `ports` None means the default port of the scheme.

    `host` is `example.com`, or `.example.com` for the wildcard `*.example.com`. Paths are prefixes, as in
    Backstage: end them with a slash to mean a folder.
    """

    host: str
    ports: tuple[int, int] | None = None
    paths: tuple[str, ...] | None = None

    @property
    def is_wildcard(self) -> bool:
        return self.host.startswith(".")

    def allows(self, url: httpx.URL) -> bool:
        host = ascii_host(url)
        if not (host.endswith(self.host) if self.is_wildcard else host == self.host):
            return False
        if self.ports is None:
            # httpx drops a default port, so what is left was meant.
            if url.port is not None:
                return False
        elif not self.ports[0] <= port_of(url) <= self.ports[1]:
            return False
        if self.paths is None:
            return True
        # Both readings must lie below the prefix, or `/open/%2e%2e/secret` would pass.
        return all(any(path.startswith(prefix) for prefix in self.paths) for path in path_readings(url))


@dataclass(frozen=True, slots=True)
class AllowList:
    rules: tuple[AllowRule, ...] = ()

    @classmethod
    def from_config(cls, data: Mapping[str, Any]) -> AllowList:
        """From the whole configuration. Raises ConfigError with every entry that cannot be understood."""
        problems: list[Problem] = []
        where: Path = ("backend", "reading", "allow")
        value: Any = data
        for key in where:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None and not isinstance(value, list):
            problems.append(Problem("must be an array", where))
            value = []
        rules = [_rule(item, (*where, index), problems) for index, item in enumerate(value or [])]
        if problems:
            raise ConfigError(problems)
        return cls(tuple(rule for rule in rules if rule))

    def reach(self, url: httpx.URL) -> Reach | None:
        """How far a URL may reach, or None when no rule allows it.

        Only a rule that names the host exactly says that the operator knows where it leads.
        """
        matching = [rule for rule in self.rules if rule.allows(url)]
        if not matching:
            return None
        return Reach.PUBLIC if all(rule.is_wildcard for rule in matching) else Reach.INTERNAL


def integration_reach(integration: Integration, url: httpx.URL) -> Reach | None:
    """How far a request of an integration may reach: its own origins, internal where configured so."""
    host = ascii_host(url)
    host = f"[{host}]" if ":" in host else host
    host = f"{host}:{url.port}" if url.port is not None else host
    if f"{url.scheme}://{host}" not in integration.origins:
        return None
    return Reach.INTERNAL if integration.may_be_internal(host) else Reach.PUBLIC


def not_allowed(url: str) -> NotAllowedError:
    """Backstage's message, word for word, because people search for it."""
    return NotAllowedError(
        f"Reading from '{url}' is not allowed. You may need to configure an integration for the target "
        "host, or add it to the configured list of allowed hosts at 'backend.reading.allow'"
    )


_ENTRY = re.compile(
    r"(?P<wildcard>\*(?=\.))?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/*@\s]+)(?::(?P<ports>\d+(?:-\d+)?))?"
)


def _rule(item: Any, where: Path, problems: list[Problem]) -> AllowRule | None:
    host = item.get("host") if isinstance(item, Mapping) else None
    match = _ENTRY.fullmatch(host) if isinstance(host, str) else None
    if match is None or (match["host"].startswith(".") and not match["wildcard"]):
        message = "must be a host: `example.com`, `*.example.com`, `example.com:8080`"
        problems.append(Problem(message, (*where, "host")))
        return None
    paths = item.get("paths")
    if paths is not None and not (isinstance(paths, list) and all(isinstance(path, str) for path in paths)):
        problems.append(Problem("must be an array of strings", (*where, "paths")))
        return None
    ports = _ports(match["ports"])
    if ports is not None and not 0 < ports[0] <= ports[1] < 65536:
        problems.append(Problem("has no valid port or range of ports", (*where, "host")))
        return None
    wildcard = "." if match["wildcard"] else ""
    try:
        name = ascii_host(httpx.URL(scheme="https", host=match["host"].strip("[]").removeprefix(wildcard)))
    except httpx.InvalidURL:
        problems.append(Problem("is not a valid host name", (*where, "host")))
        return None
    return AllowRule(wildcard + name, ports, None if paths is None else tuple(paths))


def _ports(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    low, _, high = text.partition("-")
    return int(low), int(high or low)
