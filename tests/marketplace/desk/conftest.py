"""A portal with the desk on the test's database, permissions on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.marketplace.desk.market import Market, config
from tests.portal.conftest import OpenSite, open_site

__all__ = ["open_site"]


@pytest.fixture
async def market(open_site: OpenSite, tmp_path: Path) -> AsyncIterator[Market]:
    opened = Market(await open_site(config=config(tmp_path / "desk")))
    yield opened
    await opened.close()
