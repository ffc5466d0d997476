"""Whether there is a public site, where it stands and what it is called: `marketplace.public`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from callboard.core.config import Config
from callboard.core.errors import ConfigError
from callboard.marketplace.settings import PUBLIC as KEY
from callboard.marketplace.settings import PUBLIC_KEYS, check_public
from callboard.web.templating import safe_url

KNOWN_KEYS = frozenset(f"{KEY}.{name}" for name in PUBLIC_KEYS)
"""The keys of the configuration that are read here."""
TITLE = "Callboard Marketplace"


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """`url` is the address of the site without a slash at the end, and empty where none is configured."""

    enabled: bool = False
    url: str = ""
    title: str = TITLE
    content: Path | None = None
    """A folder with texts of the operator; see `content`."""


def read_public(config: Config) -> PublicSettings:
    """The settings. The address is that of the portal unless one is given. ConfigError for a wrong one."""
    check_public(config)
    url = config.string(f"{KEY}.url", "") or config.string("app.baseUrl", "")
    if url and not safe_url(url).startswith(("http://", "https://")):
        raise ConfigError([config.problem(f"{KEY}.url", "must be an http or https address")])
    own = config.string(f"{KEY}.content", "")
    folder = Path(os.path.abspath(config.folder_of(f"{KEY}.content") / own)) if own else None
    if folder is not None and not folder.is_dir():
        raise ConfigError([config.problem(f"{KEY}.content", f"must be a folder, and {folder} is none")])
    return PublicSettings(
        config.boolean(f"{KEY}.enabled", False),
        url.rstrip("/"),
        config.string(f"{KEY}.title", TITLE),
        folder,
    )


def is_public(config: Config) -> bool:
    """Whether everyone may see the site. Raises ConfigError."""
    check_public(config)
    return config.boolean(f"{KEY}.enabled", False)
