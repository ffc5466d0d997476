"""What the configuration says about the desk: the keys below `marketplace`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callboard.core.config import Config
from callboard.core.errors import ConfigError
from callboard.core.mail import MailSettings, read_mail
from callboard.marketplace.settings import check_public

KNOWN_KEYS = {
    "marketplace.artefacts",
    "marketplace.dns.resolver",
    "marketplace.mail",
    "marketplace.maxWheelSize",
    "marketplace.osv",
    "marketplace.public",
    "marketplace.wellKnown",
}
"""The keys of the configuration that are read here."""
MAX_WHEEL = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """`artefacts` is a folder for wheels and pictures, which else are in the database. `public` opens the
    package index and the artefacts to everyone. `resolver` is the DNS server to ask, else the system's.
    `well_known` is where the file of a domain is read, with `{domain}` in it.
    """

    artefacts: Path | None = None
    osv: Path | None = None
    public: bool = False
    max_wheel: int = MAX_WHEEL
    resolver: tuple[str, int] | None = None
    well_known: str = "https://{domain}/.well-known/callboard-verification.txt"
    mail: MailSettings = field(default_factory=MailSettings)
    base_url: str = ""


def read_desk_settings(config: Config) -> DeskSettings:
    """Raises ConfigError."""
    check_public(config)
    size = config.integer("marketplace.maxWheelSize", MAX_WHEEL)
    if not 0 < size <= 100 * 1024 * 1024:
        raise ConfigError([config.problem("marketplace.maxWheelSize", "must be 1 to 104857600 bytes")])
    known = config.string("marketplace.wellKnown", DeskSettings().well_known)
    if "{domain}" not in known:
        raise ConfigError([config.problem("marketplace.wellKnown", "must hold {domain}")])
    return DeskSettings(
        artefacts=_path(config, "marketplace.artefacts"),
        osv=_path(config, "marketplace.osv"),
        public=config.boolean("marketplace.public.enabled", False),
        max_wheel=size,
        resolver=_resolver(config),
        well_known=known,
        mail=read_mail(config, "marketplace.mail"),
        base_url=(config.string("app.baseUrl", "") or config.string("backend.baseUrl", "")).rstrip("/"),
    )


def _path(config: Config, key: str) -> Path | None:
    text = config.string(key, None)
    return None if text is None else Path(config.folder_of(key)) / text


def _resolver(config: Config) -> tuple[str, int] | None:
    key = "marketplace.dns.resolver"
    text: Any = config.string(key, None)
    if text is None:
        return None
    host, colon, port = text.rpartition(":")
    host, port = (
        (host.strip("[]"), port) if colon and port.isdecimal() and host.count(":") != 1 else (text, "53")
    )
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ConfigError(
            [config.problem(key, "must be an address, also with a port: 192.0.2.53:53")]
        ) from None
    return host, int(port)
