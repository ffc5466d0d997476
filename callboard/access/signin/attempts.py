"""How often one address may try to sign in."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from callboard.access.signin.profile import SignInError


class Attempts:
    """Counted in memory, so for each process by itself."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(per_minute)

    def note(self, address: str) -> None:
        """One attempt. Raises SignInError("limit") when there were too many in the last minute."""
        if not self._limiter.hit(self._limit, "sign-in", _neighbourhood(address)):
            raise SignInError("limit", "too many attempts")


def _neighbourhood(address: str) -> str:
    """The address; of IPv6 the network of 64 bits that one customer gets."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
