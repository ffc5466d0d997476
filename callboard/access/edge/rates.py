"""How many requests one principal may make: `backend.rateLimit`, as Backstage has it, off by default.

Stands inside `Credentials`, because it counts by who asks; by address only where nobody is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.access.edge.addresses import ClientAddress, Network, peer, read_networks, within
from callboard.access.edge.counting import Windows, counted_address, refusal
from callboard.access.principals import Principal, principal_of
from callboard.core.config import Config
from callboard.core.errors import ConfigError

_KEY = "backend.rateLimit"
_LOOPBACK = ("127.0.0.1", "::1")
_TOO_MANY = "Too many requests, please try again later"


@dataclass(frozen=True, slots=True)
class RateSettings:
    """At most `limit` requests within `window` seconds; not counted are those of `exempt` addresses, and
    where it is said so those that succeeded (below 400) or failed."""

    window: float = 60.0
    limit: int = 5
    exempt: tuple[Network, ...] = field(default_factory=lambda: tuple(read_networks(_LOOPBACK)))
    skip_successful: bool = False
    skip_failed: bool = False


@dataclass(frozen=True, slots=True)
class Rates:
    """`everything` limits all requests together, `plugins` those below `/api/<plugin>` in addition."""

    everything: RateSettings | None
    plugins: dict[str, RateSettings]


def read_rates(config: Config) -> Rates | None:
    """The settings; None where there is no limit. ConfigError for what is no setting."""
    given = config.get(_KEY)
    if given is None or given is False or given == "false":
        return None
    if given is True or given == "true":
        return Rates(RateSettings(), {})
    config.mapping(_KEY)
    if config.string(f"{_KEY}.store.type", "memory") != "memory":
        message = "only the store in memory is there: each node counts for itself"
        raise ConfigError([config.problem(f"{_KEY}.store.type", message)])
    common = _settings(config, (), RateSettings())
    plugins = {
        plugin: _settings(config, ("plugin", plugin), common)
        for plugin in config.mapping(f"{_KEY}.plugin", {})
    }
    return Rates(common if config.boolean(f"{_KEY}.global", True) else None, plugins)


def _settings(config: Config, below: tuple[str, ...], otherwise: RateSettings) -> RateSettings:
    at = ("backend", "rateLimit", *below)
    if config.get(at) is True:
        return otherwise
    config.mapping(at)
    window = config.duration((*at, "window"), None)
    limit = config.integer((*at, "incomingRequestLimit"), otherwise.limit)
    if limit < 0 or (window is not None and window.total_seconds() <= 0):
        raise ConfigError([config.problem(at, "needs a window of some length and a limit from 0")])
    found = replace(
        otherwise,
        limit=limit,
        window=window.total_seconds() if window else otherwise.window,
        skip_successful=config.boolean((*at, "skipSuccessfulRequests"), otherwise.skip_successful),
        skip_failed=config.boolean((*at, "skipFailedRequests"), otherwise.skip_failed),
    )
    listed: Any = config.sequence((*at, "ipAllowList"), None)
    if listed is None:
        return found
    try:
        return replace(found, exempt=tuple(read_networks(listed)))
    except ValueError:
        message = "must be a list of addresses and networks"
        raise ConfigError([config.problem((*at, "ipAllowList"), message)]) from None


class RateLimited:
    """ASGI middleware. Install it only where `read_rates` gave something: off costs nothing at all.

    Callboard's own calls are never limited. Health probes are not either: they come often, and often from
    the one address of a load balancer.
    """

    def __init__(self, app: ASGIApp, rates: Rates, address: ClientAddress = peer) -> None:
        self.app = app
        self._address = address
        self._everything = _counted(rates.everything) if rates.everything else None
        self._plugins = {plugin: _counted(settings) for plugin, settings in rates.plugins.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or path.startswith("/.backstage/health/"):
            await self.app(scope, receive, send)
            return
        plugin = self._plugins.get(path[5:].partition("/")[0]) if path.startswith("/api/") else None
        key, address = self._key(scope)
        later: list[tuple[RateSettings, Windows]] = []
        for one in (self._everything, plugin):
            if one is None or not key or within(address, one[0].exempt):
                continue
            settings, windows = one
            deferred = settings.skip_successful or settings.skip_failed
            if windows.full(key) if deferred else not windows.hit(key):
                await refusal(scope, windows.seconds_left(key), _TOO_MANY)(scope, receive, send)
                return
            if deferred:
                later.append(one)
        if not later:
            await self.app(scope, receive, send)
            return

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                failed = message["status"] >= 400
                for settings, windows in later:
                    if not (settings.skip_failed if failed else settings.skip_successful):
                        windows.hit(key)
            await send(message)

        await self.app(scope, receive, counting)

    def _key(self, scope: Scope) -> tuple[str, str]:
        """Under what a request is counted, nothing where it is not; and the address it comes from."""
        principal: Principal = principal_of(scope)
        address = self._address(scope)
        if principal.means == "internal":
            return "", address
        known = principal.type != "none" and principal.means != "open"
        return (f"as {principal.name}" if known else f"from {counted_address(address)}"), address


def _counted(settings: RateSettings) -> tuple[RateSettings, Windows]:
    return settings, Windows(settings.limit, settings.window)
