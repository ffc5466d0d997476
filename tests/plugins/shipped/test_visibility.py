"""What the pages of the shipped plugins tell to those who may not see every entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from callboard_links_checker import PLUGIN  # type: ignore[import-not-found]  # see conftest.py

from callboard.access.permissions import DenyAll, PolicyContribution
from callboard.plugins import Plugin
from callboard.testing import PortalUnderTest, WebServer

STRICT = Plugin("strict", "Strict", (PolicyContribution("strict", lambda context: DenyAll()),))


@pytest.fixture
def plugins() -> Sequence[Plugin]:
    return (PLUGIN, STRICT)


@pytest.fixture
def portal_config(web_server: WebServer) -> Mapping[str, Any]:
    return {
        "backend": {"reading": {"allow": [{"host": web_server.host}]}},
        "permission": {"enabled": True, "policy": "strict"},
    }


async def test_broken_links_of_hidden_entities_are_not_listed(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    lamp = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "lamp", "links": [{"url": web_server.url("/gone")}]},
        "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
    }
    await portal.give(lamp)
    await portal.run_task("check")
    assert web_server.url("/gone") in await portal.page("/links-checker")
    ann = await portal.as_user("user:default/ann", groups=["group:default/crew"])
    text = await ann.page("/links-checker")
    assert web_server.url("/gone") not in text
    assert "lamp" not in text
    assert "No link is broken" in text
