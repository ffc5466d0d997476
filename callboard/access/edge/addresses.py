"""The address a request comes from, behind proxies as `backend.trustProxy` says (Express's setting).

`X-Forwarded-For` is only believed as far as trusted proxies wrote it; whoever else sends it writes anything.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

from starlette.types import Scope

from callboard.core.config import Config
from callboard.core.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ClientAddress = Callable[[Scope], str]
"""The address of the client of a request; empty where there is none, as on a Unix socket."""

_NAMED = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "linklocal": ("169.254.0.0/16", "fe80::/10"),
    "uniquelocal": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
}
_MOST_HOPS = 50
_KEY = "backend.trustProxy"


def client_address(config: Config) -> ClientAddress:
    """Reads `backend.trustProxy`: false, true (every proxy), a number of proxies, or addresses, networks and
    the names loopback, linklocal and uniquelocal, as a list or separated by commas. ConfigError otherwise."""
    given = config.get(_KEY, False)
    if isinstance(given, str) and given.strip().lower() in ("true", "false"):
        given = given.strip().lower() == "true"
    if isinstance(given, str) and given.strip().isdecimal():
        given = int(given)
    if given is False or given == 0:
        return peer
    if given is True:
        return lambda scope: _far_end(scope, lambda _, __: True)
    if isinstance(given, int):
        return lambda scope: _far_end(scope, lambda _, hop: hop < given)
    networks = _networks(config, given)
    return lambda scope: _far_end(scope, lambda address, _: within(address, networks))


def peer(scope: Scope) -> str:
    """The address at the other end of the connection itself."""
    client = scope.get("client")
    return _plain(str(client[0])) if client else ""


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == one.version and parsed in one for one in networks)


def read_networks(texts: Sequence[Any]) -> list[Network]:
    """Addresses and networks (from a configuration, hence Any). ValueError for the first that is none."""
    found: list[Network] = []
    for text in texts:
        for one in _NAMED.get(str(text).strip(), (str(text).strip(),)):
            found.append(ipaddress.ip_network(one, strict=False))
    return found


def _far_end(scope: Scope, trusted: Callable[[str, int], bool]) -> str:
    """Walks from the connection towards the client for as long as the hops are trusted."""
    address = peer(scope)
    written = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    hops = [part.strip() for part in written.decode("latin-1").split(",") if part.strip()]
    for hop, further in enumerate(reversed(hops[-_MOST_HOPS:])):
        if not trusted(address, hop):
            break
        cleaned = _plain(further)
        try:
            ipaddress.ip_address(cleaned)
        except ValueError:
            break  # a trusted proxy writes addresses; what is none came from further out
        address = cleaned
    return address


def _plain(address: str) -> str:
    """Without brackets, port and zone; IPv4 in IPv6 as IPv4, so that one client has one address."""
    text = address.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    if text.lower().startswith("::ffff:") and "." in text:
        text = text[7:]
    return text


def _networks(config: Config, given: Any) -> list[Network]:
    texts = given.split(",") if isinstance(given, str) else given
    try:
        if not isinstance(texts, list):
            raise ValueError
        return read_networks(texts)
    except ValueError:
        message = "must be true, false, a number of proxies, or addresses and networks"
        raise ConfigError([config.problem(_KEY, message)]) from None
