"""A portal with the administration of plugins; what a test installed is forgotten when it ends."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callboard.plugins.install.environment import FOLDER, unload
from callboard.portal.platform.plugin import PLUGIN
from callboard.portal.plugins import PLUGINS
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

OWN = (*(one for one in PLUGINS if one.id != PLUGIN.id), PLUGIN)
Open = Callable[..., Awaitable[Site]]


@pytest.fixture(autouse=True)
def forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    yield
    root = (tmp_path / "search" / FOLDER).resolve()
    for place in [one for one in sys.path if Path(one).is_relative_to(root)]:
        unload(Path(place))


@pytest.fixture
def portal(open_site: OpenSite) -> Open:
    """Opens it; `further` are plugins beside Callboard's own, `config` keys of app-config.yaml."""

    async def one(*further: Any, **config: str) -> Site:
        return await open_site(plugins=[*OWN, *further], config=config)

    return one
