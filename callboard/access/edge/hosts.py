"""The hosts this server answers for, from the configuration."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from callboard.core.config import Config
from callboard.core.errors import ConfigError
from callboard.core.http_hosts import ANY_ADDRESS, host_name

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_KEY = "backend.allowedHosts"


def allowed_hosts(config: Config, listens_on: str) -> frozenset[str] | None:
    """What `Edge` takes: the hosts of `backend.baseUrl` and `app.baseUrl`, those of `backend.allowedHosts`,
    the address listened on, and the names of this machine for itself.

    None, which is any host, where `backend.allowedHosts` holds `*`. A server on all interfaces is also asked
    by its addresses, for instance by probes. ConfigError for an entry that is no host.
    """
    found = set(LOOPBACK)
    for key in ("backend.baseUrl", "app.baseUrl"):
        found.add(host_name(urlsplit(config.string(key, "")).netloc.rpartition("@")[2]))
    listening = listens_on.strip("[]").lower()
    found.add(ANY_ADDRESS if _is_everywhere(listening) else listening)
    for place, entry in enumerate(config.sequence(_KEY, [])):
        if entry == "*":
            return None
        name = (
            host_name(entry if not _is_ipv6(str(entry)) else f"[{entry}]") if isinstance(entry, str) else ""
        )
        if not name or ("*" in name and (not name.startswith("*.") or "*" in name[2:])):
            message = "must be a host such as portal.example.com, *.example.com, or * for any"
            raise ConfigError([config.problem(f"{_KEY}[{place}]", message)])
        found.add(name)
    return frozenset(found - {""})


def _is_everywhere(listening: str) -> bool:
    try:
        return ipaddress.ip_address(listening).is_unspecified
    except ValueError:
        return False


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False
