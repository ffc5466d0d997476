"""Which addresses belong to this site, and which a browser may be sent back to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from callboard.core.errors import InputError

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
"""What browsers drop or read as a slash, so that a check of the text would see another address."""
_PORTS = {"http": 80, "https": 443}
_MAX_URL = 2000


def origin_of(url: str) -> str:
    """`https://host:port` in lower case, without the port that the scheme implies.

    Raises ValueError for what is no web address.
    """
    if _UNSAFE.search(url):
        raise ValueError("it has characters that no address has")
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        raise ValueError("it must be an absolute http or https address without user and password")
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS[scheme]) else f":{parts.port}"
    return f"{scheme}://{shown}{port}"


def is_loopback(url: str) -> bool:
    """Whether the address is of this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Places:
    """`app` is where the portal is, `backend` where the API is: addresses without a slash at the end."""

    app: str
    backend: str

    @property
    def origins(self) -> frozenset[str]:
        return frozenset((origin_of(self.app), origin_of(self.backend)))

    @property
    def secure(self) -> bool:
        """Whether browsers reach us through TLS, so that cookies can insist on it."""
        return self.backend.lower().startswith("https://")

    def origin(self, asked: str | None) -> str:
        """The origin that a popup's answer may go to; InputError for one that is not ours."""
        if not asked:
            return origin_of(self.app)
        try:
            found = origin_of(asked)
        except ValueError:
            found = ""
        if found not in self.origins:
            raise InputError("The origin is not one of this site")
        return found

    def way_back(self, asked: str | None) -> str:
        """The address or path to go on with after sign-in; InputError for one that is not ours."""
        if not asked:
            return "/"
        if len(asked) > _MAX_URL or _UNSAFE.search(asked):
            raise InputError("The redirect URL is not an address")
        if asked.startswith("/"):
            if asked.startswith("//"):
                raise InputError("The redirect URL is not one of this site")
            return asked
        try:
            own = origin_of(asked) in self.origins
        except ValueError:
            own = False
        if not own:
            raise InputError("The redirect URL is not one of this site")
        return asked
