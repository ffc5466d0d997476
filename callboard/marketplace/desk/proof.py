"""Whether a domain shows what its publisher was asked to put there: in the DNS, or in a file.

Both ways are asked; one that answers is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import httpx

from callboard.core.errors import CallboardError, InputError
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard.core.reader.allow import AllowList, Reach
from callboard.core.reader.fetching import Limits
from callboard.core.reader.locators import ascii_host, path_readings

PREFIX = "callboard-verification="
SECONDS = 8.0
MAX_FILE = 4096
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}$){_LABEL}(?:\.{_LABEL})*\.[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
_PRIVATE = (".local", ".internal", ".localhost", ".test", ".invalid", ".example", ".home.arpa", ".onion")


def read_domain(text: str) -> str:
    """The domain in lower case, ASCII form. Raises InputError for what is none that others know."""
    folded = text.strip().rstrip(".").lower()
    try:
        name = folded.encode("idna").decode() if not folded.isascii() else folded
    except UnicodeError:
        raise InputError(f"{text[:100]} is no domain") from None
    if not _DOMAIN.fullmatch(name) or name.endswith(_PRIVATE):
        raise InputError(f"{text[:100]} is no domain that others know")
    return name


async def proved(
    domain: str,
    token: str,
    *,
    resolver: tuple[str, int] | None,
    well_known: str,
    reader: UrlReader | None = None,
) -> tuple[Literal["dns", "https"] | None, list[str]]:
    """By which way the domain shows the token, and what was found instead.

    The file is read from the domain alone: a redirect elsewhere proves nothing about it. `reader` replaces
    the one that may read only that, where `well_known` leads elsewhere.
    """
    told: list[str] = []
    try:
        values = await _texts(domain, resolver)
        if PREFIX + token in values:
            return "dns", []
        told.append(f"the DNS has {len(values)} TXT records for {domain}, none with the token")
    except LookupError as error:
        told.append(f"the DNS has no TXT records for {domain} ({error})")
    url = well_known.format(domain=domain)
    own = reader is None
    reader = reader or _only(domain)
    try:
        found = await reader.read(url)
        lines = found.content[:MAX_FILE].decode("utf-8", "replace").split()
        if token in lines or PREFIX + token in lines:
            return "https", []
        told.append(f"{url} does not hold the token")
    except CallboardError as error:
        told.append(str(error)[:300])
    finally:
        if own:
            await reader.aclose()
    return None, told


async def _texts(domain: str, resolver: tuple[str, int] | None) -> list[str]:
    """Raises LookupError, with the name of the reason, where the DNS tells none."""
    import dns.asyncresolver  # takes 0.2 s, and few processes ever ask for a proof
    import dns.exception

    try:
        asked = dns.asyncresolver.Resolver(configure=resolver is None)
        if resolver is not None:
            asked.nameservers, asked.port = [resolver[0]], resolver[1]
        asked.lifetime = SECONDS
        answer = await asked.resolve(domain, "TXT", search=False)
    except (dns.exception.DNSException, OSError) as error:
        raise LookupError(type(error).__name__) from error
    return [b"".join(record.strings).decode("utf-8", "replace").strip() for record in answer]


def _only(domain: str) -> UrlReader:
    limits = Limits(max_bytes=MAX_FILE, connect=5.0, total=SECONDS, redirects=3)
    return UrlReader(Integrations.from_config({}), OneDomain(domain=domain), limits)


@dataclass(frozen=True, slots=True)
class OneDomain(AllowList):
    """Admits the well-known files of one domain over TLS, at public addresses: also after a redirect."""

    domain: str = ""

    def reach(self, url: httpx.URL) -> Reach | None:
        """Never inside: whoever asks for a proof names the domain."""
        here = url.scheme == "https" and url.port is None and ascii_host(url) == self.domain
        below = all(path.startswith("/.well-known/") for path in path_readings(url))
        return Reach.PUBLIC if here and below else None
