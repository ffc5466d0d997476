"""The two plugins of `plugins/` beside Callboard, without being installed."""

from __future__ import annotations

import sys
from pathlib import Path

from callboard.testing.fixtures import *  # noqa: F403 - pytest finds fixtures by their names

PLUGINS = Path(__file__).parents[3] / "plugins"
for name in ("links-checker", "codeowners"):
    if str(PLUGINS / name) not in sys.path:
        sys.path.append(str(PLUGINS / name))
