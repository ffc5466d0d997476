"""Slows down who guesses tokens: after so many wrong ones an address is not even heard for a while.

Always on, unlike `backend.rateLimit`. Stands outside `Credentials`, whose refusals it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.access.edge.addresses import ClientAddress, Network, peer, read_networks, within
from callboard.access.edge.counting import Windows, counted_address, refusal
from callboard.core.config import Config
from callboard.core.errors import ConfigError

_KEY = "backend.auth.failureLimit"
_TOO_MANY = "Too many requests with wrong credentials, please try again later"


@dataclass(frozen=True, slots=True)
class GuessingSettings:
    """At most `limit` refused credentials within `window` seconds from one address that is not `exempt`."""

    limit: int = 60
    window: float = 60.0
    exempt: tuple[Network, ...] = ()


def read_guessing(config: Config) -> GuessingSettings | None:
    """`backend.auth.failureLimit`: {limit, window, ipAllowList}, or false, which is None: no protection."""
    given = config.get(_KEY)
    if given is False or given == "false":
        return None
    config.mapping(_KEY, {})
    usual = GuessingSettings()
    limit = config.integer(f"{_KEY}.limit", usual.limit)
    window = config.duration(f"{_KEY}.window", None)
    if limit < 1 or (window is not None and window.total_seconds() <= 0):
        raise ConfigError([config.problem(_KEY, "needs a limit from 1 and a window of some length")])
    seconds = window.total_seconds() if window else usual.window
    try:
        exempt = read_networks(config.sequence(f"{_KEY}.ipAllowList", []))
    except ValueError:
        message = "must be a list of addresses and networks"
        raise ConfigError([config.problem(f"{_KEY}.ipAllowList", message)]) from None
    return GuessingSettings(limit, seconds, tuple(exempt))


class GuessingLimited:
    """ASGI middleware. Counts the answers 401 to requests with an Authorization header: those without guess
    nothing, and the ids in cookies are too long to be guessed. Past the limit such requests are refused
    unread, right ones too, or else guessing would go on; people with a session notice nothing."""

    def __init__(self, app: ASGIApp, settings: GuessingSettings, address: ClientAddress = peer) -> None:
        self.app = app
        self._address = address
        self._exempt = settings.exempt
        self._failures = Windows(settings.limit, settings.window)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not any(name == b"authorization" for name, _ in scope["headers"]):
            await self.app(scope, receive, send)
            return
        address = self._address(scope)
        if within(address, self._exempt):
            await self.app(scope, receive, send)
            return
        key = counted_address(address)
        if self._failures.full(key):
            await refusal(scope, self._failures.seconds_left(key), _TOO_MANY)(scope, receive, send)
            return

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 401:
                self._failures.hit(key)
            await send(message)

        await self.app(scope, receive, counting)
