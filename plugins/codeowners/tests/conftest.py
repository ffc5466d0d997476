"""The plugin in a catalog, with a source host on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from callboard_codeowners import PLUGIN

from callboard.plugins import Plugin
from callboard.testing import WebServer
from callboard.testing.fixtures import catalog, web_server  # noqa: F401 - fixtures


@pytest.fixture
def plugins() -> Sequence[Plugin]:
    return (PLUGIN,)


@pytest.fixture
def portal_config(web_server: WebServer) -> Mapping[str, Any]:  # noqa: F811 - the fixture
    host = {"host": web_server.host, "baseUrl": f"http://{web_server.host}"}
    return {
        "integrations": {"gitea": [host]},
        "codeowners": {"mapping": {"@Acme/Lamps": "group:default/lighting"}},
    }
