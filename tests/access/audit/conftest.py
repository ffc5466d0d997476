"""An audit log on the test's database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callboard.access.audit import Audit
from callboard.core.database import Database


@pytest.fixture
async def audit(database_url: str) -> AsyncIterator[Audit]:
    database = Database(database_url)
    log = Audit(database)
    await log.start()
    yield log
    await log.stop()
    await database.close()
