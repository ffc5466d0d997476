"""Whether there is a public site, where it stands and what it is called: `marketplace.public`."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.core.config import Config
from callboard.core.errors import ConfigError
from callboard.web.templating import safe_url

KEY = "marketplace.public"
KNOWN_KEYS = frozenset({"marketplace.public.enabled", "marketplace.public.title", "marketplace.public.url"})
"""The keys of the configuration that are read here."""
TITLE = "Callboard Marketplace"


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """`url` is the address of the site without a slash at the end, and empty where none is configured."""

    enabled: bool = False
    url: str = ""
    title: str = TITLE


def read_public(config: Config) -> PublicSettings:
    """The settings. The address is that of the portal unless one is given. ConfigError for a wrong one."""
    url = config.string(f"{KEY}.url", "") or config.string("app.baseUrl", "")
    if url and not safe_url(url).startswith(("http://", "https://")):
        raise ConfigError([config.problem(f"{KEY}.url", "must be an http or https address")])
    return PublicSettings(
        config.boolean(f"{KEY}.enabled", False), url.rstrip("/"), config.string(f"{KEY}.title", TITLE)
    )


def is_public(config: Config) -> bool:
    """Whether everyone may see the site."""
    return config.boolean(f"{KEY}.enabled", False)
