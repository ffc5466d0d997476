"""The kinds that commands without a server know."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from callboard.model import Kind, Model


def known_kinds(config: Sequence[Path]) -> Model:
    """Those of a portal as it is installed, with those of `catalog.kinds`. Raises ConfigError."""
    from callboard.marketplace.kinds import declarations
    from callboard.model import load_kind

    return Model.builtin().extended([*_configured(config), *(load_kind(dict(one)) for one in declarations())])


def _configured(config: Sequence[Path]) -> Sequence[Kind]:
    if not config:
        return ()
    from callboard.catalog.settings import read_settings  # which loads the database's library
    from callboard.core.config import load_config

    return read_settings(load_config(config, os.environ), Path()).kinds
