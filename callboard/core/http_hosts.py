"""Which `Host` headers are answered: a name that nobody configured is how DNS rebinding reaches a server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from callboard.core.errors import CallboardError

ANY_ADDRESS = "<any address>"
"""As a member of the allowed hosts: every IP address, for servers that listen on all of them. An address
cannot be rebound, only a name can."""

_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:@/\\\s]+))(?::[0-9]{1,5})?")


class MisdirectedRequestError(CallboardError):
    """The request names a host that is not this server."""

    name = "MisdirectedRequestError"
    status = 421


def host_name(value: str) -> str:
    """A Host header without its port, in lower case; nothing where it is none."""
    match = _HOST.fullmatch(value)
    return (match[1] or match[2]).lower().removesuffix(".") if match else ""


def host_check(allowed: frozenset[str]) -> Callable[[Iterable[tuple[bytes, bytes]]], bool]:
    """Tells whether the headers of a request name one allowed host, exactly once.

    `allowed` holds names and addresses in lower case, `*.example.com` for all below a domain, and perhaps
    `ANY_ADDRESS`.
    """

    @lru_cache(maxsize=256)  # the same few names come again and again; others do not stay
    def is_allowed(raw: bytes) -> bool:
        name = host_name(raw.decode("latin-1"))
        if not name:
            return False
        if name in allowed:
            return True
        parts = name.split(".")
        if any("*." + ".".join(parts[at:]) in allowed for at in range(1, len(parts))):
            return True
        return ANY_ADDRESS in allowed and _is_address(name)

    def check(headers: Iterable[tuple[bytes, bytes]]) -> bool:
        hosts = [value for name, value in headers if name == b"host"]
        return len(hosts) == 1 and is_allowed(hosts[0])

    return check


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
