"""A portal with the desk on the test's database, permissions on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callboard.catalog.contributions import EntityKind
from callboard.marketplace.kinds import entity_kinds
from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from tests.marketplace.desk.market import Market, config
from tests.portal.conftest import OpenSite, open_site

__all__ = ["open_site"]


@pytest.fixture
async def market(open_site: OpenSite, tmp_path: Path) -> AsyncIterator[Market]:
    opened = Market(await open_site(config=config(tmp_path / "desk"), plugins=every_plugin()))
    yield opened
    await opened.close()


def every_plugin() -> tuple[Plugin, ...]:
    """Callboard's own, among which somebody contributes the kinds of the Marketplace."""
    if any(isinstance(one, EntityKind) for plugin in PLUGINS for one in plugin.contributions):
        return PLUGINS
    return (*PLUGINS, Plugin(id="kinds", title="Kinds", contributions=entity_kinds()))
