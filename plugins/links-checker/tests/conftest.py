"""The plugin in a portal of its own, and a host that it may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from callboard_links_checker import PLUGIN

from callboard.plugins import Plugin
from callboard.testing import WebServer
from callboard.testing.fixtures import browser_page, catalog, portal, web_server  # noqa: F401 - fixtures


@pytest.fixture
def plugins() -> Sequence[Plugin]:
    return (PLUGIN,)


@pytest.fixture
def portal_config(web_server: WebServer) -> Mapping[str, Any]:  # noqa: F811 - the fixture
    return {
        "backend": {"reading": {"allow": [{"host": web_server.host}]}},
        "linksChecker": {"timeoutSeconds": 1, "ignore": ["*/Private/*"]},
    }
